<?php

namespace TaskQueue\Worker;

/** Counts what a run has left open in the watched connections. */
final class RemainsOfConnections
{
    /** @var int they were rolled back */
    public $openTransactions = 0;
    /** @var int of GET_LOCK, which were released */
    public $locks = 0;
    /** @var string[] what could not be put back */
    public $stays = [];
}
