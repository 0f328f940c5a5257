<?php

namespace TaskQueue;

/** Finds the templates below a directory, by relative path. Links are not followed, and hidden names are skipped. */
final class TemplateFiles
{
    /** @var string */
    private $root;
    /** @var string[] */
    private $extensions;
    /** @var int */
    private $most;

    /**
     * @param string[] $extensions without the dot
     * @param int $most most files in one search
     */
    public function __construct(string $root, array $extensions, int $most)
    {
        $this->root = rtrim($root, '/');
        $this->extensions = $extensions;
        $this->most = $most;
    }

    /**
     * Returns the templates in alphabetical order.
     *
     * @param string $below a relative directory; '' for all
     * @return string[]
     * @throws GiveUp when the directory is outside the root, cannot be read, or holds too many files
     */
    public function find(string $below): array
    {
        $directory = $this->locate($below);
        if ($directory === null || !is_dir($directory)) {
            throw new GiveUp('directory', "There is no directory '$below' below {$this->root}.");
        }
        $entries = new \RecursiveCallbackFilterIterator(
            new \RecursiveDirectoryIterator($directory, \FilesystemIterator::SKIP_DOTS),
            static function (\SplFileInfo $entry): bool {
                return !$entry->isLink() && $entry->getFilename()[0] !== '.';
            }
        );
        $files = [];
        try {
            foreach (new \RecursiveIteratorIterator($entries) as $file) {
                if ($file->isFile() && in_array($file->getExtension(), $this->extensions, true)) {
                    $files[] = substr($file->getPathname(), strlen($this->root) + 1);
                }
                if (count($files) > $this->most) {
                    throw new GiveUp('files', "More than {$this->most} templates: name a directory in Below, or raise MostFiles.");
                }
            }
        } catch (\UnexpectedValueException $error) {  // the directory cannot be opened
            throw new GiveUp('directory', $error->getMessage());
        }
        sort($files, SORT_STRING);
        return $files;
    }

    /** Returns the absolute path of an entry below the root; null if it does not exist or lies outside. */
    public function locate(string $relative): ?string
    {
        if (strpos($relative, "\0") !== false) {
            return null;
        }
        $root = realpath($this->root);
        $path = realpath($this->root . '/' . $relative);
        if ($root === false || $path === false) {
            return null;
        }
        $isBelow = $path === $root || strncmp($path, "$root/", strlen($root) + 1) === 0;
        return $isBelow ? rtrim($this->root . '/' . trim($relative, '/'), '/') : null;
    }
}
