<?php

namespace TaskQueue;

/** An error that a template compiler found. The site's own compiler throws it or returns it in a list. */
final class TemplateError extends \RuntimeException
{
    /** @var int|null */
    private $templateLine;

    /** @param int|null $templateLine line of the template, counted from 1; null: unknown */
    public function __construct(string $message, ?int $templateLine = null, ?\Throwable $previous = null)
    {
        parent::__construct($message, 0, $previous);
        $this->templateLine = $templateLine;
    }

    public function getTemplateLine(): ?int
    {
        return $this->templateLine;
    }
}
