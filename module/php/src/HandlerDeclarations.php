<?php

namespace TaskQueue;

/** The declarations of handlers, as the runners announced them. Each is kept for a second. */
final class HandlerDeclarations
{
    private const KEPT_NANOSECONDS = 1000000000;
    private const MOST_KEPT = 1000;                  // declarations
    private const LOOK_TOOK_TOO_LONG = [1205, 1969]; // lock wait timeout, statement timeout

    /** @var SqlConnection */
    private $connection;
    /** @var SqlStatements */
    private $statements;
    /** @var bool */
    private $acceptsUnknownHandlers;
    /** @var array<string, array{int, HandlerDeclaration}> the end of its time, by class */
    private $kept = [];

    public function __construct(SqlConnection $connection, SqlStatements $statements, bool $acceptsUnknownHandlers)
    {
        $this->connection = $connection;
        $this->statements = $statements;
        $this->acceptsUnknownHandlers = $acceptsUnknownHandlers;
    }

    /** Returns null if the class is unknown, and unknown classes are refused. */
    public function find(string $class): ?HandlerDeclaration
    {
        $now = (int)hrtime(true);
        if (isset($this->kept[$class]) && $now < $this->kept[$class][0]) {
            return $this->kept[$class][1];
        }
        $found = $this->look($class);
        if ($found === null) {
            return null;
        }
        if (count($this->kept) >= self::MOST_KEPT) {
            $this->kept = [];
        }
        $this->kept[$class] = [$now + self::KEPT_NANOSECONDS, $found];
        return $found;
    }

    /** Returns whether there was a declaration to forget. A task is refused only by declarations that were just read. */
    public function forget(): bool
    {
        $had = $this->kept !== [];
        $this->kept = [];
        return $had;
    }

    /** A look that takes too long does not refuse the task: the task of an unknown handler waits. */
    private function look(string $class): ?HandlerDeclaration
    {
        try {
            $row = $this->connection->rows($this->statements->findHandler(), [$class])[0] ?? null;
        } catch (\RuntimeException $problem) {
            if (!in_array($problem->getCode(), self::LOOK_TOOK_TOO_LONG, true)) {
                throw $problem;
            }
            return SiteHandler::declarationOf($class);
        }
        if ($row !== null) {
            return new HandlerDeclaration((int)$row[0], (string)$row[1], (string)$row[2] === '' ? null : (int)$row[2], (string)$row[3], (int)$row[4]);
        }
        return $this->acceptsUnknownHandlers || SiteHandler::exists($class) ? SiteHandler::declarationOf($class) : null;
    }
}
