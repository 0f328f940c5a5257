<?php

namespace TaskQueue;

use TaskQueue\Worker\StandardStreams;
use TaskQueue\Worker\Text;

/**
 * Writes to the run's error output, one line each: the level in brackets, the message, the context as JSON. The run's page
 * shows the level in its colour. With psr/log it is a Psr\Log\LoggerInterface.
 */
class RunLogger
{
    private const LEVELS = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'];
    private const MESSAGE_BYTES = 16384;
    private const CONTEXT_BYTES = 16384;
    private const CONTEXT_DEPTH = 6;
    private const INDENT = '    ';  // of further lines, so that none looks like another message
    private const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE
        | JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION;

    /** @var (callable(string, string, array<mixed>, string): void)|null */
    private $recorder;

    /**
     * Returns a logger that also implements the interface of PSR-3 where the site has it.
     *
     * @param (callable(string, string, array<mixed>, string): void)|null $recorder takes level, message, context, and the
     *     line, instead of the run's error output
     */
    final public static function make(?callable $recorder = null): self
    {
        $logger = interface_exists('Psr\Log\LoggerInterface') ? new PsrRunLogger() : new self();
        $logger->recorder = $recorder;
        return $logger;
    }

    public function emergency($message, array $context = []): void
    {
        $this->log('emergency', $message, $context);
    }

    public function alert($message, array $context = []): void
    {
        $this->log('alert', $message, $context);
    }

    public function critical($message, array $context = []): void
    {
        $this->log('critical', $message, $context);
    }

    public function error($message, array $context = []): void
    {
        $this->log('error', $message, $context);
    }

    public function warning($message, array $context = []): void
    {
        $this->log('warning', $message, $context);
    }

    public function notice($message, array $context = []): void
    {
        $this->log('notice', $message, $context);
    }

    public function info($message, array $context = []): void
    {
        $this->log('info', $message, $context);
    }

    public function debug($message, array $context = []): void
    {
        $this->log('debug', $message, $context);
    }

    /** @param mixed $level one of the eight of PSR-3, in lower case */
    public function log($level, $message, array $context = []): void
    {
        if (!in_array($level, self::LEVELS, true)) {
            $class = class_exists('Psr\Log\InvalidArgumentException') ? 'Psr\Log\InvalidArgumentException' : \InvalidArgumentException::class;
            $shown = is_string($level) ? "'$level'" : gettype($level);
            throw new $class("A level must be one of " . implode(', ', self::LEVELS) . ", not $shown.");
        }
        $given = $context;
        $thrown = $context['exception'] ?? null;
        if ($thrown instanceof \Throwable) {
            unset($context['exception']);
        }
        $text = self::withContext((string)$message, $context);
        if ($thrown instanceof \Throwable) {
            $text .= "\n" . rtrim(Worker\Trace::of($thrown));
        }
        $line = "[$level] " . str_replace("\n", "\n" . self::INDENT, $text) . "\n";
        if ($this->recorder === null) {
            StandardStreams::writeError($line);
        } else {
            ($this->recorder)($level, (string)$message, $given, $line);
        }
    }

    /** Puts values in place of {name}; those that no {name} takes follow as JSON. */
    private static function withContext(string $message, array $context): string
    {
        $replace = [];
        foreach ($context as $name => $value) {
            $isText = is_scalar($value) || $value === null || (is_object($value) && method_exists($value, '__toString'));
            if ($isText && strpos($message, '{' . $name . '}') !== false) {
                $replace['{' . $name . '}'] = is_bool($value) ? var_export($value, true) : (string)$value;
                unset($context[$name]);
            }
        }
        $text = Text::cut(strtr($message, $replace), self::MESSAGE_BYTES);
        if ($context === []) {
            return $text;
        }
        return "$text " . Text::cut((string)json_encode(self::plain($context, self::CONTEXT_DEPTH), self::FLAGS), self::CONTEXT_BYTES);
    }

    /**
     * Objects that do not say how they are to be shown become their class: their properties may lead to the whole site.
     *
     * @param mixed $value
     * @return mixed
     */
    private static function plain($value, int $depth)
    {
        if (is_array($value)) {
            return $depth === 0 ? '…' : array_map(static function ($item) use ($depth) {
                return self::plain($item, $depth - 1);
            }, $value);
        }
        if ($value instanceof \DateTimeInterface) {
            return $value->format(\DateTime::ATOM);
        }
        if ($value instanceof \Throwable) {
            return Worker\Trace::headOf($value);
        }
        if (!is_object($value) || $value instanceof \JsonSerializable) {
            return is_resource($value) ? '[resource]' : $value;
        }
        return method_exists($value, '__toString') ? (string)$value : '[' . get_class($value) . ']';
    }
}
