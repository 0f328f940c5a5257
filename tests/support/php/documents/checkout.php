<?php
// The text files of a checkout, by their paths relative to its root.

namespace TaskQueue\Documents;

final class Checkout
{
    private const TOP = ['module', 'runner', 'sql', 'templates', 'nginx', 'tests', '.github'];
    private const TEXT = '/\.(md|cpp|h|sql|php|sh|mjs|js|html|txt|conf|template|cmake|ini|py)$|(^|\/)[a-z_]+$/';

    /** @var string */
    private $root;
    /** @var array<string, string> the content by path */
    private $files = [];

    public function __construct(string $root)
    {
        $this->root = $root;
        foreach (glob("$root/*.md") ?: [] as $path) {
            $this->files[basename($path)] = (string) file_get_contents($path);
        }
        foreach (self::TOP as $directory) {
            if (is_dir("$root/$directory")) {
                $this->read($directory);
            }
        }
        ksort($this->files);
    }

    private function read(string $directory): void
    {
        foreach (scandir("$this->root/$directory") ?: [] as $name) {
            $path = "$directory/$name";
            if ($name === '.' || $name === '..' || $name === 'node_modules' || is_link("$this->root/$path")) {
                continue;
            }
            if (is_dir("$this->root/$path")) {
                $this->read($path);
            } elseif (preg_match(self::TEXT, $path) === 1) {
                $this->files[$path] = (string) file_get_contents("$this->root/$path");
            }
        }
    }

    public function exists(string $path): bool
    {
        return file_exists("$this->root/$path");
    }

    public function text(string $path): string
    {
        return $this->files[$path] ?? '';
    }

    /** @return array<string, string> the files whose path matches */
    public function files(string $pattern): array
    {
        return array_filter($this->files, static function (string $path) use ($pattern): bool {
            return preg_match($pattern, $path) === 1;
        }, ARRAY_FILTER_USE_KEY);
    }

    /** @return array<string, string> all documents, but for the changelog, which tells the past */
    public function documents(): array
    {
        return array_diff_key($this->files('/\.md$/'), ['CHANGELOG.md' => '']);
    }
}

/** The number of the line at an offset. */
function lineAt(string $text, int $offset): int
{
    return substr_count($text, "\n", 0, $offset) + 1;
}

/**
 * All matches of a pattern in a file: [the line's number, the groups].
 * @return list<array{int, array<int, string>}>
 */
function matches(string $pattern, string $text): array
{
    preg_match_all($pattern, $text, $found, PREG_SET_ORDER | PREG_OFFSET_CAPTURE);
    return array_map(static function (array $groups) use ($text): array {
        return [lineAt($text, $groups[0][1]), array_map(static function ($group) {
            return is_array($group) ? $group[0] : $group;
        }, $groups)];
    }, $found);
}
