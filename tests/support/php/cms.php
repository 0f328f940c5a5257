<?php
// A small CMS of the In-Portal kind: an application passes an event to the handler of its unit, which sets the event's
// status. Returns the task handlers that run its events.

use TaskQueue\CmsEvent;

class kEvent
{
    public const erSUCCESS = 0;
    public const erFAIL = -1;
    public const erFATAL = -2;
    public const erPERM_FAIL = -3;
    public const erSTOP = -4;

    /** @var string */
    public $Prefix;
    /** @var string */
    public $Name;
    /** @var array */
    public $params;
    /** @var int */
    public $status = self::erSUCCESS;

    public function __construct(string $event, array $params = [])
    {
        [$this->Prefix, $this->Name] = explode(':', $event);
        $this->params = $params;
    }
}

class SiteEventHandler
{
    public function OnRebuildSitemap(kEvent $event): void
    {
        echo "rebuilt {$event->params['pages']} pages\n";
    }

    public function OnNightly(kEvent $event): void
    {
        echo "the night's work\n";
    }

    public function OnReply(kEvent $event): void
    {
        $event->status = kEvent::erSTOP;
    }

    public function OnFail(kEvent $event): void
    {
        echo "half of it\n";
        $event->status = kEvent::erFAIL;
    }

    public function OnFatal(kEvent $event): void
    {
        $event->status = kEvent::erFATAL;
    }

    public function OnForbidden(kEvent $event): void
    {
        $event->status = kEvent::erPERM_FAIL;
    }

    public function OnOdd(kEvent $event): void
    {
        $event->status = 99;
    }

    public function OnThrow(kEvent $event): void
    {
        throw new DomainException('the sitemap is locked');
    }
}

class kApplication
{
    public static function Instance(): self
    {
        static $instance;
        return $instance = $instance ?? new self();
    }

    public function HandleEvent(kEvent $event): void
    {
        if ($event->Prefix !== 'site' || !method_exists(SiteEventHandler::class, $event->Name)) {
            throw new LogicException("there is no event {$event->Prefix}:{$event->Name}");
        }
        (new SiteEventHandler())->{$event->Name}($event);
    }
}

return CmsEvent::dispatchBy(static function (string $name, array $params): kEvent {
    $event = new kEvent($name, $params);
    kApplication::Instance()->HandleEvent($event);
    return $event;
});
