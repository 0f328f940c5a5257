<?php

namespace TaskQueue\Worker;

use TaskQueue\Delay;
use TaskQueue\GiveUp;
use TaskQueue\JsonText;
use TaskQueue\RetryAfter;
use TaskQueue\RunLogger;
use TaskQueue\Snooze;
use TaskQueue\Stopped;
use TaskQueue\TaskError;
use TaskQueue\TaskRun;

/** Loads the site once, announces its handlers, and does one run after another. */
final class Worker
{
    use SiteHooks;

    private const EXIT_USAGE = 64;
    private const EXIT_BROKEN = 70;
    private const WATCH_SECONDS = 30;  // afterwards the bootstrap file is loaded again even without a change
    private const MICROSECONDS_BETWEEN_LOOKS = 200000;  // at the code, with --watch
    private const SECONDS_BETWEEN_REQUESTS = 1;
    private const RESERVE_BYTES = 262144;
    private const WARNINGS = E_WARNING | E_USER_WARNING | E_USER_ERROR | E_RECOVERABLE_ERROR;

    /** @var Options */
    private $options;
    /** @var Control */
    private $control;
    /** @var HandlerList|null */
    private $handlers;
    /** @var ProcessState */
    private $state;
    /** @var LeftBehind */
    private $leftBehind;
    /** @var Batches|null null: the worker takes one run at a time */
    private $batches;
    /** @var CodeWatch|null with --watch */
    private $code;
    /** @var HostedRun|null the current run */
    private $run;
    /** @var Outcome|null of the current run, once failed() is called: what ends the process then changes nothing */
    private $givenUp;
    /** @var string|null freed when memory is exhausted, so that the error can be reported */
    private $reserve;
    /** @var bool whether the next run of the batch has begun with the end of the last one */
    private $goesOnWithBatch = false;
    /** @var Wear */
    private $wear;
    /** @var int */
    private $startedAt;

    /** @param list<string> $arguments */
    public static function main(array $arguments): int
    {
        try {
            $options = Options::fromArguments($arguments);
            if ($options->check) {
                return BootstrapCheck::run($options, self::site());
            }
            $worker = new self($options, new Control());
        } catch (\InvalidArgumentException $error) {
            fwrite(STDERR, 'worker.php: ' . $error->getMessage() . "\n");
            return self::EXIT_USAGE;
        } catch (\RuntimeException $error) {
            fwrite(STDERR, 'worker.php: ' . $error->getMessage() . "\n");
            return self::EXIT_BROKEN;
        }
        return $worker->work();
    }

    private function __construct(Options $options, Control $control)
    {
        $this->options = $options;
        $this->control = $control;
        $this->wear = new Wear($options);
        $this->startedAt = time();
    }

    /**
     * Loads classes: a run may leave no memory and no descriptor for them. The class of runs needs the site, which may
     * have a class kDBItem.
     */
    private static function loadClasses(bool $isSiteLoaded): void
    {
        foreach (array_map('basename', glob(__DIR__ . '/*.php') ?: []) as $file) {
            $class = __NAMESPACE__ . '\\' . substr($file, 0, -4);
            if ($isSiteLoaded || $class !== HostedRun::class) {
                class_exists($class);
            }
        }
        array_map('class_exists', [JsonText::class, RetryAfter::class, Snooze::class, Stopped::class, TaskError::class,
            Delay::class]);
        if ($isSiteLoaded) {
            RunLogger::make();
        }
    }

    private function work(): int
    {
        ini_set('display_errors', 'stderr');
        ini_set('html_errors', '0');
        ignore_user_abort(true);  // otherwise PHP would end when STDOUT is closed
        set_time_limit(0);
        self::loadClasses(false);
        $wrappers = stream_get_wrappers();
        $batches = $this->options->fork ? null : Batches::open();
        self::site()->start();
        $bootstrap = new Bootstrap($this->options->bootstrap);
        try {
            $this->handlers = $bootstrap->load(function (string $problem) use ($bootstrap): void {
                exit($this->refuse($bootstrap, $problem));
            });
            $declarations = $this->handlers->declarations();
            self::loadClasses(true);
        } catch (\Throwable $error) {
            return $this->refuse($bootstrap, $bootstrap->textOf($error));
        }
        if (!$this->control->isOurs()) {
            return 0;  // a fork that the bootstrap file has made
        }
        set_error_handler([$this, 'onError']);
        register_shutdown_function([$this, 'onShutdown']);
        $problem = self::site()->load($this->handlers, $this->options->fork);
        if ($problem !== null) {
            return $this->refuse($bootstrap, "worker.php: $problem");
        }
        $hello = $this->control->receive();
        if ($hello === null) {
            return 0;
        }
        $this->batches = ($hello['protocol'] ?? 1) >= Batches::PROTOCOL ? $batches : null;
        $this->reserve = str_repeat('x', self::RESERVE_BYTES);
        $this->leftBehind = new LeftBehind();
        $this->state = new ProcessState($wrappers, self::site()->descriptors());
        set_time_limit(0);  // the time limit of the bootstrap file applies to each run
        $version = $this->batches === null ? [] : ['protocol' => Batches::PROTOCOL];
        $this->control->send(['type' => 'handlers', 'handlers' => $declarations] + $version);
        if ($this->options->watch) {
            $this->code = new CodeWatch($this->options->bootstrap, $this->startedAt);
        }
        while (($order = $this->nextOrder()) !== null) {
            $type = $order['type'] ?? '';
            if (($type === 'run' && !$this->handle($order)) || ($type === 'runs' && !$this->handleBatch($order['Runs']))) {
                break;
            }
        }
        return 0;
    }

    /**
     * Does the runs until one of them ends the batch.
     *
     * @param list<array<string, mixed>> $orders
     */
    private function handleBatch(array $orders): bool
    {
        $goesOn = true;
        $this->goesOnWithBatch = true;
        for ($number = 1; $goesOn && $this->goesOnWithBatch; ++$number) {
            $goesOn = $this->handle($orders[$number - 1], $number < count($orders) ? $number + 1 : 0);
        }
        return $goesOn;
    }

    /**
     * With --watch, an idle worker whose code has changed asks to be replaced, again and again until it is.
     *
     * @return array<string, mixed>|null
     */
    private function nextOrder(): ?array
    {
        $askedAt = 0.0;
        while ($this->code !== null && !$this->control->waits(self::MICROSECONDS_BETWEEN_LOOKS)) {
            if ($this->code->hasChanged() && microtime(true) - $askedAt >= self::SECONDS_BETWEEN_REQUESTS) {
                $askedAt = microtime(true);
                $this->control->send(['type' => 'recycle']);
            }
        }
        return $this->control->receive();
    }

    /** Tells the runner why this worker cannot serve, and ends when a new attempt is worthwhile. */
    private function refuse(Bootstrap $bootstrap, string $problem): int
    {
        StandardStreams::writeError("$problem\n");
        $this->control->send(['type' => 'refused', 'Problem' => $problem, 'watches' => true]);
        if ($this->control->isOurs()) {
            $bootstrap->waitForChange(self::WATCH_SECONDS);
        }
        return self::EXIT_BROKEN;
    }

    /**
     * Returns false when the worker must end after this run.
     *
     * @param array<string, mixed> $order
     * @param int $following number of the run that follows in the batch; 0: none
     */
    private function handle(array $order, int $following = 0): bool
    {
        $this->goesOnWithBatch = false;
        if ($this->code !== null && $this->code->hasChanged()) {
            $this->leaveToAnother($order, 0);
            return false;
        }
        $this->wear->countRun();
        if ($this->options->fork) {
            return $this->handleInFork($order);
        }
        $use = new ResourceUse();
        $outcome = $this->perform($order);
        if (!$this->control->isOurs()) {
            return false;  // a fork that the handler has made
        }
        $stays = array_merge(self::site()->takeRemains(), $this->state->restore());
        $this->leftBehind->kill();
        if ($stays !== []) {
            $list = implode('; ', $stays);
            StandardStreams::writeError("PHP: the worker ends after this run, because it cannot put back $list\n");
        }
        $next = $this->whatComesNext(StandardStreams::flush() && ob_get_level() === 0 && $stays === []);
        $members = $use->sinceThen($this->batches !== null) + $next;
        if ($following > 0 && $next === [] && $this->batches->begin($following)) {
            $this->goesOnWithBatch = true;
            $members['next'] = true;
        }
        $this->run->finish($outcome, $members);
        $this->run = null;
        return !isset($next['last']);
    }

    /** @param array<string, mixed> $order */
    private function handleInFork(array $order): bool
    {
        $failsOnCrash = $this->handlers->failsOnCrash($order['TaskQueue']['TaskHandlerClass']);
        $run = new ForkedRun($this->control, $order['TaskRun']['RunToken'] ?? '', $failsOnCrash);
        $problem = $run->handle(function (Control $control) use ($order): void {
            $this->control = $control;
            $use = new ResourceUse();
            self::site()->onFork();
            $this->leftBehind = new LeftBehind();
            $outcome = $this->perform($order);
            if ($control->isOurs()) {
                $this->leftBehind->kill();
                StandardStreams::flush();
                $this->run->finish($outcome, $use->sinceThen());
                $this->run = null;
                ForkedRun::endFast();
            }
        });
        if ($problem !== null) {
            StandardStreams::writeError("worker.php: $problem; the run is left to another worker\n");
            $this->leaveToAnother($order, 1);
            return false;
        }
        $this->leftBehind->kill();
        StandardStreams::setBlocking();
        $next = $this->whatComesNext(true);
        $run->finish($next);
        return !isset($next['last']);
    }

    /**
     * Gives the run back unharmed. The worker ends.
     *
     * @param array<string, mixed> $order
     */
    private function leaveToAnother(array $order, int $seconds): void
    {
        $token = $order['TaskRun']['RunToken'] ?? '';
        $this->control->send(['type' => 'snooze', 'Seconds' => $seconds, 'RunToken' => $token, 'last' => true]);
    }

    /**
     * Does the run, including all site code that belongs to it.
     *
     * @param array<string, mixed> $order
     */
    private function perform(array $order): Outcome
    {
        Text::maskNothing();
        $this->givenUp = null;
        $this->run = new HostedRun($this->control, $order['TaskRun'], $order['TaskQueue']);
        $this->state->beginRun();
        $outcome = $this->endSiteCode($this->outcomeOf($this->run));
        if ($this->control->isOurs() && FailedCall::isDue($this->run, $outcome)) {
            $this->givenUp = $outcome;
            FailedCall::make($this->handlers, $this->run, $outcome);
            $this->endSiteCode($outcome);
        }
        return $outcome;
    }

    /** Ends what the run has left behind. Only an error of that can change the outcome. */
    private function endSiteCode(Outcome $outcome): Outcome
    {
        $outcome = $this->endRemains($outcome);
        $problem = $this->control->isOurs() ? self::site()->endTransactions() : null;
        return $problem === null || $outcome->isError() ? $outcome : Outcome::ofThrown($problem);
    }

    private function outcomeOf(HostedRun $run): Outcome
    {
        try {
            if (!$this->handlers->has($run->getTaskHandlerClass())) {
                throw new GiveUp('unknown_handler', 'No such handler here.');
            }
            $stop = null;  // a hook's call of stopReason() does not count as the handler's call
            $returned = self::site()->around($run, function (TaskRun $run) use (&$stop) {
                $returned = $this->handlers->make($run->getTaskHandlerClass())->handleTaskRun($run);
                $stop = $run->stoppedFor();
                $error = $run->updatedError();
                if ($error !== null) {
                    throw $error;
                }
                return $returned;
            });
            $outcome = Outcome::ofResults($returned ?? $run->getResults());
            return $stop === null ? $outcome : $outcome->asStop($stop);
        } catch (\Throwable $thrown) {
            return self::outcomeOfThrown($thrown)->withResultsOfFailure($run->getResults());
        }
    }

    /** Output buffers and destructors of leftover objects may still call code of the run. */
    private function endRemains(Outcome $outcome): Outcome
    {
        try {
            OutputBuffers::end();
            gc_collect_cycles();
        } catch (\Throwable $thrown) {
            $ofRemains = self::outcomeOfThrown($thrown);
            return $outcome->isResult() ? $ofRemains : $outcome;
        }
        return $outcome;
    }

    private static function outcomeOfThrown(\Throwable $thrown): Outcome
    {
        if (!$thrown instanceof Snooze && !$thrown instanceof Stopped) {
            StandardStreams::writeError(Trace::of($thrown));
        }
        return Outcome::ofThrown($thrown);
    }

    /**
     * Returns members of the run's last message: the worker ends, or it asks for a successor.
     *
     * @return array{last?: true, recycle?: true}
     */
    private function whatComesNext(bool $isAsBefore): array
    {
        if (!$isAsBefore || $this->wear->isTooMuch()) {
            return ['last' => true];
        }
        return $this->wear->isDue() || ($this->code !== null && $this->code->hasChanged()) ? ['recycle' => true] : [];
    }

    /** Warnings end the run; lesser errors only go to its error output. */
    public function onError(int $level, string $message, string $file, int $line): bool
    {
        if ((error_reporting() & $level) === 0) {
            return true;  // silenced with @, or by the site's settings
        }
        if ($this->run !== null && $this->options->warningsAreErrors && ($level & self::WARNINGS) !== 0) {
            throw new \ErrorException($message, 0, $level, $file, $line);
        }
        StandardStreams::writeError("PHP: $message in $file:$line\n");
        return true;
    }

    /** A run is still in progress when PHP ends through a fatal error or the handler's exit. */
    public function onShutdown(): void
    {
        $this->reserve = null;
        if ($this->run === null || !$this->control->isOurs()) {
            return;
        }
        ini_set('memory_limit', '-1');  // the Results may need more memory than the reserve
        $outcome = $this->givenUp ?? Outcome::ofEndOfProcess()->withResultsOfFailure($this->run->getResults());
        try {
            OutputBuffers::end();
        } catch (\Throwable $thrown) {
            self::outcomeOfThrown($thrown);  // the run has already failed
        }
        if ($this->givenUp !== null) {
            StandardStreams::writeError("PHP: failed() has ended the process\n");
        } elseif (FailedCall::isDue($this->run, $outcome)) {
            FailedCall::make($this->handlers, $this->run, $outcome);
        }
        StandardStreams::flush();
        $this->run->finish($outcome, $this->options->fork ? [] : ['last' => true]);
        if ($this->options->fork) {
            ForkedRun::endFast();
        }
    }
}
