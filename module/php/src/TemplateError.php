<?php

namespace TaskQueue;

/** What a template compiler found wrong in a template. Thrown, or returned in a list, by the site's own compiler. */
final class TemplateError extends \RuntimeException
{
    /** @var int|null */
    private $templateLine;

    /** @param int|null $templateLine of the template, from 1; null: not known */
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
