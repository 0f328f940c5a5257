<?php

namespace TaskQueue;

/** What happens to a new task while a live task holds its UniqueKey. */
final class Unique
{
    /** The live task stands for the new one, and its Id is returned. */
    public const Keep = 'keep';
    /** The live task is superseded: it is cancelled, or not retried if it is running. */
    public const Replace = 'replace';
    /** As Keep; a success also holds the key, for some seconds from its enqueue. */
    public const Window = 'window';
}
