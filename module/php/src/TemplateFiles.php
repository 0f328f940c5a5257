<?php

namespace TaskQueue;

/** The templates below a directory, by their paths relative to it. Links are not followed, hidden names are left out. */
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
     * @param int      $most       files at once
     */
    public function __construct(string $root, array $extensions, int $most)
    {
        $this->root = rtrim($root, '/');
        $this->extensions = $extensions;
        $this->most = $most;
    }

    /**
     * In alphabetical order.
     *
     * @param string $below a directory, relative; '' for all
     * @return string[]
     * @throws GiveUp when it is outside the root, cannot be read, or holds too many
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
        } catch (\UnexpectedValueException $error) {  // a directory that cannot be opened
            throw new GiveUp('directory', $error->getMessage());
        }
        sort($files, SORT_STRING);
        return $files;
    }

    /** The absolute path of what lies below the root; null when there is no such thing, or it lies outside. */
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
