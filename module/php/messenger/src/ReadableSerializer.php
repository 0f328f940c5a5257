<?php

namespace TaskQueue\Messenger;

use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Exception\MessageDecodingFailedException;
use Symfony\Component\Messenger\Exception\TransportException;
use Symfony\Component\Messenger\Stamp\NonSendableStampInterface;
use Symfony\Component\Messenger\Transport\Serialization\SerializerInterface;

/**
 * Writes messages and stamps as JSON that people can read, with all their properties, and needs no further component.
 * It may decode only what the site itself has encoded: it makes objects of the classes that are named there.
 */
final class ReadableSerializer implements SerializerInterface
{
    private const STAMP_HEADER = 'X-Message-Stamp-';
    private const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR;

    public function encode(Envelope $envelope): array
    {
        $envelope = $envelope->withoutStampsOfType(NonSendableStampInterface::class);
        $class = get_class($envelope->getMessage());
        try {
            $headers = ['type' => $class];
            foreach ($envelope->all() as $stampClass => $stamps) {
                $list = [];
                foreach ($stamps as $stamp) {
                    $list[] = ObjectData::ofProperties($stamp, $stampClass);
                }
                $headers[self::STAMP_HEADER . $stampClass] = json_encode($list, self::FLAGS);
            }
            $data = ObjectData::ofProperties($envelope->getMessage(), $class);
            return ['body' => json_encode($data === [] ? new \stdClass() : $data, self::FLAGS), 'headers' => $headers];
        } catch (\UnexpectedValueException | \JsonException $problem) {
            throw new TransportException($problem->getMessage(), 0, $problem);
        }
    }

    public function decode(array $encodedEnvelope): Envelope
    {
        if (!is_string($encodedEnvelope['body'] ?? null) || !is_string($encodedEnvelope['headers']['type'] ?? null)) {
            throw new MessageDecodingFailedException('The message has no "body" or no header "type".');
        }
        try {
            $stamps = [];
            foreach ($encodedEnvelope['headers'] as $name => $json) {
                if (strpos($name, self::STAMP_HEADER) !== 0) {
                    continue;
                }
                foreach (json_decode($json, true, 512, JSON_THROW_ON_ERROR) as $data) {
                    $stamps[] = ObjectData::objectOf(substr($name, strlen(self::STAMP_HEADER)), $data);
                }
            }
            $data = json_decode($encodedEnvelope['body'], true, 512, JSON_THROW_ON_ERROR);
            return new Envelope(ObjectData::objectOf($encodedEnvelope['headers']['type'], $data), $stamps);
        } catch (\Throwable $problem) {
            throw new MessageDecodingFailedException("The message cannot be decoded: {$problem->getMessage()}", 0, $problem);
        }
    }
}
