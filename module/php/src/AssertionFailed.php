<?php

namespace TaskQueue;

/** An assertion of FakeQueue does not hold, where PHPUnit is not loaded. */
final class AssertionFailed extends \AssertionError
{
}
