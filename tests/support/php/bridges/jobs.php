<?php
// Jobs of a Laravel site.

namespace App\Jobs;

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Queue\InteractsWithQueue;
use TaskQueue\GiveUp;
use TaskQueue\Snooze;

/** Has a handler of its own in the queue. */
final class ImportOrders implements ShouldQueue
{
    use InteractsWithQueue;
    use Queueable;

    /** @var string */
    private $file;
    /** @var \DateTimeInterface */
    protected $from;
    /** @var string */
    public $password = 'hunter2';

    public function __construct(string $file)
    {
        $this->file = $file;
        $this->from = new \DateTimeImmutable('2026-07-01 12:00:00 UTC');
    }

    public function taskOptions(): array
    {
        return ['Priority' => 2];
    }

    public function handle(): void
    {
        echo "imports $this->file\n";
        $this->job->taskRun()->setProgress(50, 'half of it');
        $visits = \Illuminate\Container\Container::getInstance()->make('visits');
        $visits[] = $this->file;
        $this->job->taskRun()->setResults(['file' => $this->file, 'attempt' => $this->attempts(), 'visits' => count($visits)]);
    }
}

/** Ends as it says, and writes down what happens to it. */
class Ending implements ShouldQueue
{
    use InteractsWithQueue;
    use Queueable;

    /** @var string */
    public $how;
    /** @var string a file */
    public $diary;
    /** @var int */
    public $tries = 2;
    /** @var int[] */
    public $backoff = [1, 2];
    /** @var int */
    public $timeout = 1;
    /** @var bool */
    public $failOnTimeout = false;

    public function __construct(string $how)
    {
        $this->how = $how;
        $this->diary = sys_get_temp_dir() . '/taskqueue-diary-' . bin2hex(random_bytes(8));
    }

    private function note(string $what): void
    {
        file_put_contents($this->diary, "$what\n", FILE_APPEND);
    }

    public function handle(): void
    {
        $this->note("attempt {$this->attempts()}");
        switch ($this->how) {
            case 'well':
                return;
            case 'releases':
                $this->release(1);
                return;
            case 'released once':
                if ($this->attempts() === 1) {
                    $this->release(1);
                }
                return;
            case 'fails':
                $this->fail(new \DomainException('it has failed by itself'));
                return;
            case 'deletes':
                $this->delete();
                return;
            case 'crashes':
                posix_kill(getmypid(), SIGKILL);
                return;
            case 'hangs':
                for (;;) {
                    usleep(10000);
                }
                // no break
            case 'give up':
                throw new GiveUp('hopeless', 'no such order');
            case 'snoozes once':
                if (substr_count(file_get_contents($this->diary), "\n") === 1) {
                    throw new Snooze(1);
                }
                return;
            default:
                throw new \DomainException("it ends by $this->how");
        }
    }

    public function failed(\Throwable $problem): void
    {
        $this->note('failed: ' . get_class($problem));
    }
}

/** A job as a class and a method. */
final class PlainJob
{
    public function fire($job, array $data): void
    {
        echo "plain {$data['name']}\n";
    }
}
