<?php
// Messages of a Symfony site, and their handlers.

namespace Shop;

use Symfony\Component\Messenger\Exception\RecoverableMessageHandlingException;
use Symfony\Component\Messenger\Exception\UnrecoverableMessageHandlingException;
use Symfony\Component\Messenger\MessageBusInterface;
use TaskQueue\RetryAfter;
use TaskQueue\Snooze;

class Named
{
    /** @var string */
    private $name;

    public function __construct(string $name)
    {
        $this->name = $name;
    }

    public function getName(): string
    {
        return $this->name;
    }
}

/** Has a handler of its own in the queue. */
final class ImportCsv extends Named
{
    /** @var int */
    private $rows;
    /** @var \DateTimeImmutable|null */
    public $from;
    /** @var array */
    protected $options;
    /** @var string */
    public $password = 'hunter2';

    public function __construct(string $file, int $rows, ?\DateTimeImmutable $from = null, array $options = [])
    {
        parent::__construct($file);
        $this->rows = $rows;
        $this->from = $from;
        $this->options = $options;
    }

    public function describe(): array
    {
        return ['file' => $this->getName(), 'rows' => $this->rows, 'from' => $this->from ? $this->from->format('c e') : null, 'options' => $this->options];
    }
}

/** Ends as it says. */
class Ending
{
    /** @var string */
    public $how;

    public function __construct(string $how)
    {
        $this->how = $how;
    }
}

/** Is retried by Messenger. */
final class Strategic extends Ending
{
}

/** Has two handlers. */
final class Twice extends Ending
{
}

final class ImportHandler
{
    public function __invoke(ImportCsv $message): array
    {
        echo "imports {$message->getName()}\n";
        return $message->describe();
    }
}

final class EndingHandler
{
    /** @var MessageBusInterface */
    private $bus;

    public function __construct(MessageBusInterface $bus)
    {
        $this->bus = $bus;
    }

    public function __invoke(Ending $message)
    {
        switch ($message->how) {
            case 'unrecoverable':
                throw new UnrecoverableMessageHandlingException('no such order');
            case 'recoverable':
                throw new RecoverableMessageHandlingException('the shop is busy');
            case 'retry after':
                throw new RetryAfter('busy', 'later', 1);
            case 'snooze once':
                $mark = sys_get_temp_dir() . '/taskqueue-snoozed-' . getmypid();
                if (!file_exists($mark)) {
                    touch($mark);
                    throw new Snooze(1);
                }
                unlink($mark);
                return 'awake';
            case 'dispatches':
                $this->bus->dispatch(new ImportCsv('of a message.csv', 1));
                return 'dispatched';
            default:
                throw new \DomainException("it ends by {$message->how}");
        }
    }
}

final class FirstOfTwice
{
    public function __invoke(Twice $message): string
    {
        return 'first';
    }
}

final class SecondOfTwice
{
    public function __invoke(Twice $message): string
    {
        throw new \DomainException('the second one fails');
    }
}
