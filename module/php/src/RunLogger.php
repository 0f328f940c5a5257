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
    private const CONTEXT_VALUES = 5000;
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

    /** @param array<mixed> $context */
    public function emergency($message, array $context = []): void
    {
        $this->log('emergency', $message, $context);
    }

    /** @param array<mixed> $context */
    public function alert($message, array $context = []): void
    {
        $this->log('alert', $message, $context);
    }

    /** @param array<mixed> $context */
    public function critical($message, array $context = []): void
    {
        $this->log('critical', $message, $context);
    }

    /** @param array<mixed> $context */
    public function error($message, array $context = []): void
    {
        $this->log('error', $message, $context);
    }

    /** @param array<mixed> $context */
    public function warning($message, array $context = []): void
    {
        $this->log('warning', $message, $context);
    }

    /** @param array<mixed> $context */
    public function notice($message, array $context = []): void
    {
        $this->log('notice', $message, $context);
    }

    /** @param array<mixed> $context */
    public function info($message, array $context = []): void
    {
        $this->log('info', $message, $context);
    }

    /** @param array<mixed> $context */
    public function debug($message, array $context = []): void
    {
        $this->log('debug', $message, $context);
    }

    /**
     * @param mixed $level one of the eight of PSR-3, in lower case
     * @param array<mixed> $context
     */
    public function log($level, $message, array $context = []): void
    {
        if (!in_array($level, self::LEVELS, true)) {
            $class = class_exists('Psr\Log\InvalidArgumentException') ? 'Psr\Log\InvalidArgumentException' : \InvalidArgumentException::class;
            $shown = is_string($level) ? "'$level'" : gettype($level);
            throw new $class("A level must be one of " . implode(', ', self::LEVELS) . ", not $shown.");
        }
        $message = self::textOf($message);
        $given = $context;
        $thrown = $context['exception'] ?? null;
        if ($thrown instanceof \Throwable) {
            unset($context['exception']);
        }
        $text = self::withContext($message, $context);
        if ($thrown instanceof \Throwable) {
            $text .= "\n" . rtrim(Worker\Trace::of($thrown));
        }
        $line = "[$level] " . preg_replace('/\r\n|\r|\n/', "\n" . self::INDENT, $text) . "\n";
        if ($this->recorder === null) {
            StandardStreams::writeError($line);
        } else {
            ($this->recorder)($level, $message, $given, $line);
        }
    }

    /**
     * Puts values in place of {name}; those that no {name} takes follow as JSON.
     *
     * @param array<mixed> $context
     */
    private static function withContext(string $message, array $context): string
    {
        $replace = [];
        foreach ($context as $name => $value) {
            $isText = is_scalar($value) || $value === null || (is_object($value) && method_exists($value, '__toString'));
            if ($isText && strpos($message, '{' . $name . '}') !== false) {
                $replace['{' . $name . '}'] = is_bool($value) ? var_export($value, true) : self::textOf($value);
                unset($context[$name]);
            }
        }
        $text = Text::cut(strtr($message, $replace), self::MESSAGE_BYTES);
        if ($context === []) {
            return $text;
        }
        $left = self::CONTEXT_VALUES;
        $json = (string)json_encode(self::plain($context, self::CONTEXT_DEPTH, $left), self::FLAGS);
        return "$text " . Text::cut($json, self::CONTEXT_BYTES);
    }

    /**
     * The site's own code of a value may throw, which PSR-3 forbids a logger.
     *
     * @param mixed $value
     */
    private static function textOf($value): string
    {
        try {
            return is_array($value) ? '[array]' : (string)$value;
        } catch (\Throwable $thrown) {
            return self::unreadable($value, $thrown);
        }
    }

    private static function unreadable(object $value, \Throwable $thrown): string
    {
        return '[' . get_class($value) . ' has thrown ' . get_class($thrown) . ']';
    }

    /**
     * Objects that do not say how they are to be shown become their class: their properties may lead to the whole site.
     *
     * @param mixed $value
     * @param int $left values that may still be shown: an array that contains itself many times has no end
     * @return mixed
     */
    private static function plain($value, int $depth, int &$left)
    {
        if (is_array($value)) {
            return $depth === 0 ? '…' : self::plainItems($value, $depth, $left);
        }
        if ($value instanceof \DateTimeInterface) {
            return $value->format(\DateTime::ATOM);
        }
        if ($value instanceof \Throwable) {
            return Worker\Trace::headOf($value);
        }
        if ($value instanceof \JsonSerializable) {
            try {
                return json_decode((string)json_encode($value, self::FLAGS));
            } catch (\Throwable $thrown) {
                return self::unreadable($value, $thrown);
            }
        }
        if (!is_object($value)) {
            return is_resource($value) ? '[resource]' : $value;
        }
        return method_exists($value, '__toString') ? self::textOf($value) : '[' . get_class($value) . ']';
    }

    /**
     * @param array<mixed> $items
     * @return array<mixed>
     */
    private static function plainItems(array $items, int $depth, int &$left): array
    {
        $plain = [];
        foreach ($items as $name => $item) {
            if (--$left < 0) {
                $plain['…'] = count($items) - count($plain);  // not shown
                break;
            }
            $plain[$name] = self::plain($item, $depth - 1, $left);
        }
        return $plain;
    }
}
