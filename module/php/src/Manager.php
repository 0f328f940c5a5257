<?php

namespace TaskQueue;

/**
 * The queue's operations for a site's own PHP, under the names of the CMS's design. Each does what the method of
 * this name does in the queue's programs: over HTTP with the event secret, or through the command line.
 *
 * Each method throws UnavailableError with the reason when the queue cannot be reached.
 */
final class Manager
{
    /** @var Events */
    private $events;

    public function __construct(Events $events)
    {
        $this->events = $events;
    }

    /**
     * @param string $baseUrl    such as https://site/taskqueue
     * @param string $secretFile holds the event secret
     */
    public static function overHttp(string $baseUrl, string $secretFile): self
    {
        return new self(Events::overHttp($baseUrl, $secretFile));
    }

    /** Needs a user who may read the configuration. */
    public static function overCommandLine(string $program, string $configuration): self
    {
        return new self(Events::overCommandLine($program, $configuration));
    }

    /**
     * Returns what the handler has declared: its kind, its schema of TaskData, its settings, and how many runners offer
     * it now.
     *
     * @return array<string, mixed> as GET api/v1/handlers lists it
     * @throws EventRefused if no runner has ever announced the handler
     */
    public function createTaskHandler(string $className): array
    {
        return $this->events->trigger('task-queue:OnCheckTaskHandler', $className);
    }

    /**
     * The overseer's pass: rescues what dead runners held, fires schedules, creates missing runs, deletes what is old.
     *
     * @return array<string, mixed> what was done
     */
    public function processQueue(): array
    {
        return $this->events->trigger('task-queue:OnProcess');
    }

    /**
     * Ends runners whose process is gone as `timeout`, with their runs.
     *
     * @return int[] the Ids of these runners
     */
    public function refreshTaskRunnersStatus(): array
    {
        return array_map('intval', $this->events->trigger('task-queue:OnRefreshTaskRunners')['TimedOutRunners'] ?? []);
    }

    /** Creates a run for each due task that may have one. Returns how many were created. */
    public function createMissingTaskRuns(): int
    {
        return (int)($this->events->trigger('task-queue:OnCreateTaskRuns')['CreatedTaskRuns'] ?? 0);
    }

    /**
     * Starts runners up to TaskRunnerLimit. Through the command line they work in the background. Over HTTP one
     * short-lived runner works until nothing is due, if one is missing, and this method waits for its end.
     *
     * @return array<string, mixed> StartedTaskRunners, or what the short-lived runner did
     */
    public function createMissingTaskRunners(): array
    {
        return $this->events->trigger('task-queue:OnCreateTaskRunners');
    }

    /**
     * Runs one short-lived runner, whatever the limit is, and waits for its end.
     *
     * @return array<string, mixed> what it did
     */
    public function runStandalone(): array
    {
        return $this->events->trigger('task-queue:OnDebug');
    }

    /** Returns a runner that may begin to work, or null if as many work as TaskRunnerLimit allows. */
    public function getTaskRunner(): ?TaskRunner
    {
        return $this->getMissingTaskRunnerCount() > 0 ? new TaskRunner($this->events) : null;
    }

    public function getTaskRunnerCount(): int
    {
        return (int)$this->events->trigger('task-queue:OnCountTaskRunners')['TaskRunners'];
    }

    public function getMissingTaskRunnerCount(): int
    {
        return (int)$this->events->trigger('task-queue:OnCountTaskRunners')['MissingTaskRunners'];
    }
}
