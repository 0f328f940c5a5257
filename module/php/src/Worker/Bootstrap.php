<?php

namespace TaskQueue\Worker;

/** Loads the bootstrap file. Every failure, even `exit` or a fatal error, yields a text with file and line. */
final class Bootstrap
{
    private const FATAL = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR;
    private const RESERVE_BYTES = 262144;
    private const TEXT_BYTES = 4000;

    /** @var string */
    private $file;
    /** @var int */
    private $startedAt;
    /** @var callable|null called with the text when PHP ends while the file is loaded */
    private $onEnd;
    /** @var array<string, true> files that errors named; PHP does not list a file that it could not compile or find */
    private $blamed = [];
    /** @var string|null released when memory is exhausted */
    private $reserve;

    public function __construct(string $file)
    {
        $this->file = $file;
        $this->startedAt = time();
        class_exists(FileWatch::class);  // loaded now: later there may be no memory and no descriptor for it
        class_exists(Text::class);
    }

    /**
     * @param callable $onEnd called when PHP ends on the way, because then this method neither returns nor throws
     * @throws \Throwable what the file throws, or an \UnexpectedValueException about what it returns
     */
    public function load(callable $onEnd): HandlerList
    {
        $this->reserve = str_repeat('x', self::RESERVE_BYTES);
        $this->onEnd = $onEnd;
        register_shutdown_function([$this, 'onShutdown']);
        try {
            $handlers = new HandlerList(self::valueOf($this->file));
            if (!OutputBuffers::end()) {
                throw new \UnexpectedValueException('the output buffer that it has opened cannot be ended');
            }
            return $handlers;
        } finally {
            $this->onEnd = null;
            $this->reserve = null;
        }
    }

    private static function valueOf(string $file)
    {
        if (!is_file($file) || !is_readable($file)) {
            throw new \UnexpectedValueException('the file cannot be read');
        }
        return require $file;
    }

    public function onShutdown(): void
    {
        $this->reserve = null;
        $onEnd = $this->onEnd;
        if ($onEnd === null) {
            return;
        }
        $this->onEnd = null;
        $error = error_get_last();
        $isFatal = $error !== null && ($error['type'] & self::FATAL) !== 0;
        if ($isFatal) {
            $this->blame($error['file'], $error['message']);
        }
        $onEnd($isFatal
            ? $this->text("{$error['message']} in {$error['file']}:{$error['line']}")
            : $this->text('it ends the program by exit'));
    }

    public function textOf(\Throwable $error): string
    {
        $text = '';
        for ($cause = $error; $cause !== null; $cause = $cause->getPrevious()) {
            $this->blame($cause->getFile(), $cause->getMessage());
            $isOurs = dirname($cause->getFile()) === __DIR__;  // our own file and line would not help the site
            $text .= ($text === '' ? '' : '; caused by ') . ($isOurs
                ? $cause->getMessage()
                : get_class($cause) . ": {$cause->getMessage()} in {$cause->getFile()}:{$cause->getLine()}");
        }
        return $this->text($text);
    }

    /** Returns when a new attempt may be worthwhile, at the latest after the given seconds. */
    public function waitForChange(int $seconds): void
    {
        $files = array_merge([$this->file], array_keys($this->blamed), get_included_files());
        FileWatch::withDirectories($files, $this->startedAt)->wait($seconds);
    }

    private function blame(string $file, string $message): void
    {
        $this->blamed[$file] = true;
        if (preg_match('~(?:required|include\(|require\(|[a-z]+_once\() ?\'?(/[^\':)]+)~', $message, $missing) === 1) {
            $this->blamed[$missing[1]] = true;
        }
    }

    private function text(string $problem): string
    {
        return Text::cut(Text::valid("{$this->file}: $problem"), self::TEXT_BYTES);
    }
}
