<?php

namespace TaskQueue;

/** The methods of ClientError, for exceptions of different parents. */
trait ExplainsError
{
    /** @var string */
    private $errorCode;
    /** @var string|null */
    private $member;
    /** @var string */
    private $mend;

    /**
     * @param string $problem a sentence
     * @param string $mend a sentence
     * @param string|null $member see ClientError::getMember()
     * @param string $errorCode see ClientError::getErrorCode()
     * @param int $number the error number of the database, or the HTTP status
     */
    public function __construct(
        string $problem,
        string $mend,
        ?string $member,
        string $errorCode,
        ?\Throwable $previous = null,
        int $number = 0
    ) {
        parent::__construct($mend === '' ? $problem : "$problem $mend", $number, $previous);
        $this->mend = $mend;
        $this->member = $member;
        $this->errorCode = $errorCode;
    }

    public function getErrorCode(): string
    {
        return $this->errorCode;
    }

    public function getMember(): ?string
    {
        return $this->member;
    }

    public function getMend(): string
    {
        return $this->mend;
    }
}
