<?php

namespace TaskQueue\Worker;

/** Counts what a run has left open in the watched connections. */
final class RemainsOfConnections
{
    /** @var int open transactions, which were rolled back */
    public $openTransactions = 0;
    /** @var int locks of GET_LOCK, which were released */
    public $locks = 0;
    /** @var string[] what could not be restored */
    public $stays = [];
}
