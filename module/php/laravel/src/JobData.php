<?php

namespace TaskQueue\Laravel;

use TaskQueue\GiveUp;
use TaskQueue\SignedData;

/** TaskData of a job: Laravel's payload, with the name and the data of the job where people see them. */
final class JobData
{
    private const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR;

    /** @var SignedData */
    private $signing;

    public function __construct(SignedData $signing)
    {
        $this->signing = $signing;
    }

    /**
     * Returns the name under which pages show the job.
     *
     * @param array<string, mixed> $payload
     */
    public static function nameOf(array $payload): string
    {
        return is_string($payload['displayName'] ?? null) ? $payload['displayName'] : $payload['job'];
    }

    /**
     * @param array<string, mixed> $payload
     * @return array<string, mixed> TaskData
     */
    public function encode(array $payload): array
    {
        $data = ['Job' => self::nameOf($payload)];
        if (isset($payload[JobView::MEMBER])) {
            $data['Data'] = $payload[JobView::MEMBER];
            unset($payload[JobView::MEMBER]);
        }
        if (is_string($payload['data']['command'] ?? null)) {
            // Pages hide what is called Serialized: secrets in it have no names.
            $data['Serialized'] = $payload['data']['command'];
            unset($payload['data']['command']);
        }
        return $this->signing->sign($data + ['Payload' => $payload]);
    }

    /**
     * Returns the payload as JSON.
     *
     * @param array<mixed> $data TaskData
     * @throws GiveUp when this site has not signed it
     */
    public function decode(array $data): string
    {
        $data = $this->signing->verified($data);
        $payload = $data['Payload'];
        if (isset($data['Serialized'])) {
            $payload['data']['command'] = $data['Serialized'];
        }
        if (isset($data['Data'])) {
            $payload[JobView::MEMBER] = $data['Data'];
        }
        return json_encode($payload, self::FLAGS);
    }
}
