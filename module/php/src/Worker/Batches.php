<?php

namespace TaskQueue\Worker;

/**
 * The runs of a batch that this worker may begin without a word of the runner. Descriptor 4 is a file that both write
 * to: its first byte says how many runs of the batch may begin, the second one how many have begun.
 */
final class Batches
{
    public const PROTOCOL = 2;  // the first version of the protocol that has batches

    private const DESCRIPTOR = 4;
    private const PLACE_OF_ALLOWED = 0;
    private const PLACE_OF_BEGUN = 1;
    private const TYPE_OF_FILE = 0170000;
    private const PLAIN_FILE = 0100000;

    /** @var string the record's file as the kernel names it; empty: there is none */
    private static $target = '';

    /** @var resource */
    private $record;

    /** @param resource $record */
    private function __construct($record)
    {
        $this->record = $record;
    }

    /** Returns null when the runner gives no batches to this worker. */
    public static function open(): ?self
    {
        $record = @fopen('php://fd/' . self::DESCRIPTOR, 'r+b');
        $status = $record === false ? false : fstat($record);
        if ($status === false || ($status['mode'] & self::TYPE_OF_FILE) !== self::PLAIN_FILE) {
            return null;
        }
        stream_set_read_buffer($record, 0);
        stream_set_write_buffer($record, 0);
        self::$target = (string)@readlink('/proc/self/fd/' . self::DESCRIPTOR);
        return new self($record);
    }

    public static function target(): string
    {
        return self::$target;
    }

    /**
     * Notes that run number $number of the batch, counted from 1, begins. Returns false when it must not: the runner has
     * taken it back, or has not yet read all that the run before it wrote.
     */
    public function begin(int $number): bool
    {
        if ($this->hasUnreadOutput() || !$this->write($number)) {
            return false;
        }
        // First the note, then the look: the runner does it the other way round.
        if (@fseek($this->record, self::PLACE_OF_ALLOWED) === 0 && $number <= ord((string)@fread($this->record, 1) ?: "\0")) {
            return true;
        }
        $this->write($number - 1);
        return false;
    }

    private function write(int $begun): bool
    {
        return is_resource($this->record) && @fseek($this->record, self::PLACE_OF_BEGUN) === 0
            && @fwrite($this->record, chr($begun)) === 1;
    }

    /** Output that was read can belong to no other run. The runner opens both pipes for reading, too. */
    private function hasUnreadOutput(): bool
    {
        $read = [STDOUT, STDERR];
        $none = null;
        return !is_resource(STDOUT) || !is_resource(STDERR) || @stream_select($read, $none, $none, 0) !== 0;
    }
}
