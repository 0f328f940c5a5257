<?php

namespace TaskQueue;

/** A known error after which the task is not retried. */
class GiveUp extends TaskError
{
}
