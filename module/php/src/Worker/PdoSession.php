<?php

namespace TaskQueue\Worker;

/** Calls the methods of PDO itself, because methods of a derived class may do more. */
final class PdoSession implements DatabaseSession
{
    private const ATTRIBUTES = [
        \PDO::ATTR_AUTOCOMMIT, \PDO::ATTR_CASE, \PDO::ATTR_ERRMODE, \PDO::ATTR_ORACLE_NULLS, \PDO::ATTR_STRINGIFY_FETCHES,
        \PDO::ATTR_EMULATE_PREPARES, \PDO::ATTR_DEFAULT_FETCH_MODE, \PDO::ATTR_STATEMENT_CLASS,
    ];

    /** @var \ReflectionMethod[] by name */
    private static $methods = [];
    /** @var \WeakReference */
    private $pdo;
    /** @var array<int, mixed> */
    private $attributes = [];

    public function __construct(\PDO $pdo)
    {
        $this->pdo = \WeakReference::create($pdo);
        foreach (self::ATTRIBUTES as $attribute) {
            try {
                $this->attributes[$attribute] = @$this->call('getAttribute', $attribute);
            } catch (\Throwable $unsupported) {  // the driver does not support it
            }
        }
    }

    public function row(string $sql): array
    {
        $statement = $this->call('query', $sql);
        $row = $statement->fetch(\PDO::FETCH_NUM);
        $statement->closeCursor();
        return is_array($row) ? $row : [];
    }

    public function execute(string $sql): void
    {
        $this->call('exec', $sql);
    }

    public function rollBack(): void
    {
        if ($this->isInTransaction()) {
            $this->call('rollBack');
        } else {
            $this->execute('ROLLBACK');
        }
    }

    public function isInTransaction(): ?bool
    {
        return (bool)$this->call('inTransaction');
    }

    public function wasUsed(): bool
    {
        return true;  // unknown
    }

    public function isMySql(): bool
    {
        return @$this->call('getAttribute', \PDO::ATTR_DRIVER_NAME) === 'mysql';
    }

    public function restoreDriver(): array
    {
        $stays = [];
        foreach ($this->attributes as $attribute => $value) {
            if (@$this->call('getAttribute', $attribute) === $value) {
                continue;
            }
            @$this->call('setAttribute', $attribute, $value);
            if (@$this->call('getAttribute', $attribute) !== $value) {
                $stays[] = "attribute $attribute of a PDO connection";
            }
        }
        return $stays;
    }

    /**
     * @param mixed ...$arguments
     * @return mixed
     * @throws DatabaseTrouble
     */
    private function call(string $method, ...$arguments)
    {
        $pdo = $this->pdo->get();
        if ($pdo === null) {
            throw DatabaseTrouble::of(2006, 'the connection is closed');
        }
        $function = self::$methods[$method] ?? (self::$methods[$method] = new \ReflectionMethod(\PDO::class, $method));
        try {
            $answer = @$function->invoke($pdo, ...$arguments);
        } catch (\PDOException $error) {
            throw DatabaseTrouble::of((int)($error->errorInfo[1] ?? 0), $error->getMessage());
        } catch (\Error $error) {  // a derived class of PDO has not called its constructor
            throw DatabaseTrouble::of(0, $error->getMessage());
        }
        if ($answer === false && ($method === 'query' || $method === 'exec' || $method === 'rollBack')) {
            [, $code, $message] = $pdo->errorInfo();
            throw DatabaseTrouble::of((int)$code, (string)$message);
        }
        return $answer;
    }
}
