<?php

namespace TaskQueue;

/**
 * Signs TaskData of which a handler makes objects. Holders of an API token and operators of the pages may enqueue any
 * TaskData: without a signature they could make the site create objects of any class.
 */
final class SignedData
{
    private const MEMBER = 'Signature';
    private const PREFIX = "TaskData of taskqueue for ";
    private const FLAGS = JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR;
    private const DEPTH = 64;

    /** @var string */
    private $purpose;
    /** @var string[] */
    private $secrets;

    /**
     * @param string $purpose who reads the data. What was signed for another reader is refused
     * @param string|string[] $secrets known to the site alone. The first one signs; the others, such as an earlier one,
     *     are accepted as well
     */
    public function __construct(string $purpose, $secrets)
    {
        $this->purpose = $purpose;
        $this->secrets = array_values(array_filter((array)$secrets, static function ($secret): bool {
            return is_string($secret) && $secret !== '';
        }));
        if ($this->secrets === []) {
            throw new \InvalidArgumentException('A secret of the site must be given, to sign TaskData with.');
        }
    }

    /**
     * Returns the data with its signature.
     *
     * @param array<mixed> $data
     * @return array<mixed>
     * @throws EnqueueError when JSON cannot say the data
     */
    public function sign(array $data): array
    {
        try {
            return $data + [self::MEMBER => $this->signatureOf($data, $this->secrets[0])];
        } catch (\JsonException $problem) {
            $what = "TaskData cannot be said in JSON: {$problem->getMessage()}.";
            throw new EnqueueError($what, 'Use text in UTF-8 and finite numbers.', 'TaskData', 'json', $problem);
        }
    }

    /**
     * Returns the data without its signature.
     *
     * @param array<mixed> $data
     * @return array<mixed>
     * @throws GiveUp when this site has not signed them
     * @throws \JsonException when no JSON can have said them
     */
    public function verified(array $data): array
    {
        $signature = $data[self::MEMBER] ?? '';
        unset($data[self::MEMBER]);
        foreach ($this->secrets as $secret) {
            if (is_string($signature) && hash_equals($this->signatureOf($data, $secret), $signature)) {
                return $data;
            }
        }
        throw new GiveUp('signature', 'TaskData was not signed by this site: it was changed or made by hand, or the secret of '
            . 'the site was changed since.');
    }

    /** @param array<mixed> $data */
    private function signatureOf(array $data, string $secret): string
    {
        return hash_hmac('sha256', self::PREFIX . $this->purpose . "\0" . json_encode($data, self::FLAGS, self::DEPTH), $secret);
    }
}
