<?php

namespace TaskQueue\Messenger;

use Symfony\Component\Messenger\Envelope;
use Symfony\Component\Messenger\Exception\MessageDecodingFailedException;
use Symfony\Component\Messenger\Stamp\TransportMessageIdStamp;
use Symfony\Component\Messenger\Transport\Serialization\SerializerInterface;
use TaskQueue\GiveUp;
use TaskQueue\SignedData;

/** TaskData of a message: its class and data, readable where the serializer writes JSON, and its headers with the stamps. */
final class MessageData
{
    private const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION | JSON_THROW_ON_ERROR;

    /** @var SerializerInterface */
    private $serializer;
    /** @var SignedData */
    private $signing;

    public function __construct(SerializerInterface $serializer, SignedData $signing)
    {
        $this->serializer = $serializer;
        $this->signing = $signing;
    }

    /** @return array<string, mixed> TaskData */
    public function encode(Envelope $envelope): array
    {
        $encoded = $this->serializer->encode($envelope->withoutAll(TransportMessageIdStamp::class));
        $data = ['Message' => get_class($envelope->getMessage())];
        $readable = $encoded['body'] !== '' && $encoded['body'][0] === '{' ? json_decode($encoded['body'], true) : null;
        // Pages hide what is called Serialized: secrets in it have no names.
        $data += is_array($readable) ? ['Data' => $readable] : ['Serialized' => $encoded['body']];
        if (($encoded['headers'] ?? []) !== []) {
            $data['Headers'] = array_map([self::class, 'readableHeader'], $encoded['headers']);
        }
        return $this->signing->sign($data);
    }

    /**
     * @param array<mixed> $data TaskData
     * @throws GiveUp when the data cannot become a message
     */
    public function decode(array $data): Envelope
    {
        $data = $this->signing->verified($data);
        try {
            $isReadable = array_key_exists('Data', $data);
            return $this->serializer->decode([
                'body' => $isReadable ? json_encode($data['Data'] ?: new \stdClass(), self::FLAGS) : $data['Serialized'],
                'headers' => array_map(static function ($header) {
                    return is_array($header) ? json_encode($header, self::FLAGS) : $header;
                }, $data['Headers'] ?? []),
            ]);
        } catch (MessageDecodingFailedException $problem) {
            throw new GiveUp('message_decoding', $problem->getMessage(), $problem);
        }
    }

    /**
     * Stamps are JSON in headers. As members of TaskData people can read them, and secrets in them are masked by name.
     *
     * @param mixed $header
     * @return mixed
     */
    private static function readableHeader($header)
    {
        $value = is_string($header) && preg_match('/^[[{]/', $header) === 1 ? json_decode($header, true) : null;
        return is_array($value) ? $value : $header;
    }
}
