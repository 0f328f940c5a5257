<?php

namespace TaskQueue;

/**
 * Recompiles the site's templates through the site's own compiler. One task compiles all files and reports its progress
 * by file. A broken template does not stop the others; the end of the run lists all of them with their lines. The
 * bootstrap file loads the CMS and provides the function that compiles one file:
 *
 *     return TemplateCompile::compileBy(static function (string $file): void {
 *         kApplication::Instance()->recallObject('TemplatesCache')->…  // throws for a broken template
 *     }, '/var/www/site/themes');
 *
 * @phpstan-type FileError array{File: string, Line: int|null, Message: string}
 */
final class TemplateCompile implements IDeclaredTaskHandler
{
    private const OPTIONS = [
        'Extensions' => ['tpl'],
        'MostFiles' => 100000,  // per task
        'ResultsBytes' => 524288,  // limit for the errors in Results; further errors are counted, and all are in the error output
    ];
    /** Limit of the run's ErrorMessage. Errors that do not fit are only counted. */
    private const SUMMARY_BYTES = 15000;
    private const MESSAGE_BYTES = 1000;  // limit for the compiler's message about one file

    /** @var callable|null */
    private static $compile;
    /** @var TemplateFiles|null */
    private static $files;
    /** @var array{Extensions: list<string>, MostFiles: int, ResultsBytes: int} */
    private static $options = self::OPTIONS;

    /**
     * @param callable $compile takes the absolute path of a template. It throws for a broken template, or returns false
     *     or a list of TemplateError; any other result is a success. The line is taken from the TemplateError, or from
     *     an exception whose file is the template
     * @param string $root absolute path of the directory that holds all templates
     * @param array{Extensions?: list<string>, MostFiles?: int, ResultsBytes?: int} $options see above
     * @return array<string, class-string<ITaskHandler>> what the bootstrap file returns, or adds to its own handlers
     */
    public static function compileBy(callable $compile, string $root, array $options = []): array
    {
        $unknown = array_diff_key($options, self::OPTIONS);
        if ($unknown !== []) {
            throw new \InvalidArgumentException('no such option: ' . key($unknown) . '; there are ' . implode(', ', array_keys(self::OPTIONS)));
        }
        if (($root[0] ?? '') !== '/' || !is_dir($root)) {
            throw new \InvalidArgumentException("the templates' directory must be an absolute path of a directory, not '$root'");
        }
        self::$compile = $compile;
        self::$options = $options + self::OPTIONS;
        self::$files = new TemplateFiles($root, self::$options['Extensions'], self::$options['MostFiles']);
        return ['TemplateCompile' => self::class];
    }

    public static function getTaskHandlerSettings(): array
    {
        $path = ['type' => 'string', 'minLength' => 1, 'maxLength' => 4096];
        return [
            'DataSchema' => [
                'type' => 'object',
                'properties' => [
                    'Below' => $path + ['description' => 'only the templates of this directory, relative'],
                    'Files' => [
                        'type' => 'array',
                        'items' => $path,
                        'minItems' => 1,
                        'maxItems' => 10000,
                        'description' => 'only these, relative',
                    ],
                ],
                'additionalProperties' => false,
            ],
            'MaxRetries' => 1,  // a broken template is still broken at the next try
        ];
    }

    public function handleTaskRun(TaskRun $taskRun)
    {
        if (self::$compile === null || self::$files === null) {
            throw new GiveUp('no_compiler', 'The bootstrap file does not say how templates are compiled: TemplateCompile::compileBy().');
        }
        $data = $taskRun->getTaskData();
        $files = $data['Files'] ?? self::$files->find($data['Below'] ?? '');
        if ($files === []) {
            throw new GiveUp('no_templates', 'There is no template to compile (*.' . implode(', *.', self::$options['Extensions']) . ').');
        }
        $count = count($files);
        $compiled = 0;
        $errors = [];
        foreach ($files as $done => $file) {
            if ($taskRun->isCancelled()) {
                $taskRun->setResults($this->results($count, $compiled, $errors));
                $taskRun->stopIfAsked("It has come to $done of $count templates.");
            }
            $taskRun->setProgress(intdiv(100 * $done, $count), $file);
            $ofFile = $this->compile($file);
            $compiled += $ofFile === [] ? 1 : 0;
            foreach ($ofFile as $error) {
                fwrite(STDERR, self::place($error) . ": {$error['Message']}\n");
                $errors[] = $error;
            }
        }
        $results = $this->results($count, $compiled, $errors);
        $taskRun->setProgress(100, "$compiled of $count");
        echo "$compiled of $count templates compiled\n";
        if ($errors === []) {
            return $results;
        }
        $taskRun->setResults($results);
        throw new GiveUp('templates', $this->summary($count, $count - $compiled, $errors));
    }

    /** @return list<FileError> the errors of the file; empty when it compiled */
    private function compile(string $file): array
    {
        $path = self::$files->locate($file);
        if ($path === null || !is_file($path)) {
            return [self::error($file, null, 'there is no such file below the directory of the templates')];
        }
        try {
            $answer = (self::$compile)($path);
        } catch (\Throwable $thrown) {
            return [$this->errorOf($file, $path, $thrown)];
        }
        if ($answer === false) {
            return [self::error($file, null, 'the compiler refused it without a word')];
        }
        $errors = [];
        foreach (is_array($answer) ? $answer : [] as $error) {
            if ($error instanceof \Throwable) {
                $errors[] = $this->errorOf($file, $path, $error);
            }
        }
        return $errors;
    }

    /** @return FileError */
    private function errorOf(string $file, string $path, \Throwable $thrown): array
    {
        for ($error = $thrown; $error !== null; $error = $error->getPrevious()) {
            if ($error instanceof TemplateError) {
                return self::error($file, $error->getTemplateLine(), $error->getMessage());
            }
            if (realpath($error->getFile()) === realpath($path)) {
                return self::error($file, $error->getLine(), $error->getMessage());
            }
        }
        $place = $thrown->getFile() . ':' . $thrown->getLine();
        return self::error($file, null, get_class($thrown) . ': ' . $thrown->getMessage() . " in $place");
    }

    /** @return FileError */
    private static function error(string $file, ?int $line, string $message): array
    {
        // File names and compiler messages may not be UTF-8, but Results must be.
        return [
            'File' => Worker\Text::valid($file),
            'Line' => $line,
            'Message' => Worker\Text::cut(Worker\Text::valid($message), self::MESSAGE_BYTES),
        ];
    }

    /** @param FileError $error */
    private static function place(array $error): string
    {
        return $error['File'] . ($error['Line'] === null ? '' : ":{$error['Line']}");
    }

    /**
     * @param list<FileError> $errors
     * @return array{Files: int, Compiled: int, Errors: list<FileError>, ErrorsLeftOut: int}
     */
    private function results(int $count, int $compiled, array $errors): array
    {
        $listed = 0;
        for ($bytes = 0; $listed < count($errors); ++$listed) {
            $bytes += strlen(json_encode($errors[$listed])) + 1;
            if ($bytes > self::$options['ResultsBytes']) {
                break;
            }
        }
        return [
            'Files' => $count,
            'Compiled' => $compiled,
            'Errors' => array_slice($errors, 0, $listed),
            'ErrorsLeftOut' => count($errors) - $listed,
        ];
    }

    /** @param list<FileError> $errors */
    private function summary(int $count, int $broken, array $errors): string
    {
        $text = "$broken of $count templates are broken:";
        foreach ($errors as $at => $error) {
            $line = "\n" . self::place($error) . ": {$error['Message']}";
            if (strlen($text) + strlen($line) > self::SUMMARY_BYTES) {
                return $text . "\n… and " . (count($errors) - $at) . ' more, see the error output';
            }
            $text .= $line;
        }
        return $text;
    }
}
