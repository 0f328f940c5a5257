<?php

namespace TaskQueue;

/** A known error that no further try can mend. */
class GiveUp extends TaskError
{
}
