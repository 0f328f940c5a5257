#include "module/store/database/database_errors.h"

#include <algorithm>
#include <array>

#include "module/store/database/server_errors.h"

namespace taskqueue::store {
namespace {

// INSERT … SELECT reports ER_AUTOINC_READ_FAILED when its wait for the counter of Ids ends in a deadlock.
constexpr auto kTransient =
    std::to_array<unsigned>({ER_LOCK_DEADLOCK, ER_LOCK_WAIT_TIMEOUT, ER_CHECKREAD, ER_QUERY_INTERRUPTED,
                             ER_AUTOINC_READ_FAILED, ER_STATEMENT_TIMEOUT});
constexpr auto kTimeouts = std::to_array<unsigned>({ER_QUERY_INTERRUPTED, ER_STATEMENT_TIMEOUT});
constexpr auto kUnavailable = std::to_array<unsigned>({ER_CON_COUNT_ERROR,
                                                       ER_DBACCESS_DENIED_ERROR,
                                                       ER_ACCESS_DENIED_ERROR,
                                                       ER_UNKNOWN_COM_ERROR,
                                                       ER_BAD_DB_ERROR,
                                                       ER_SERVER_SHUTDOWN,
                                                       ER_NORMAL_SHUTDOWN,
                                                       ER_SHUTDOWN_COMPLETE,
                                                       ER_FORCING_CLOSE,
                                                       ER_HOST_IS_BLOCKED,
                                                       ER_HOST_NOT_PRIVILEGED,
                                                       ER_NET_READ_ERROR,
                                                       ER_NET_READ_INTERRUPTED,
                                                       ER_NET_ERROR_ON_WRITE,
                                                       ER_NET_WRITE_INTERRUPTED,
                                                       ER_NEW_ABORTING_CONNECTION,
                                                       ER_TOO_MANY_USER_CONNECTIONS,
                                                       ER_USER_LIMIT_REACHED,
                                                       ER_OPTION_PREVENTS_STATEMENT,
                                                       ER_READ_ONLY_MODE,
                                                       ER_CONNECTION_KILLED});
constexpr auto kSessionGone = std::to_array<unsigned>(
    {ER_SERVER_SHUTDOWN, ER_NORMAL_SHUTDOWN, ER_SHUTDOWN_COMPLETE, ER_FORCING_CLOSE, ER_NET_PACKET_TOO_LARGE,
     ER_NET_READ_ERROR, ER_NET_READ_INTERRUPTED, ER_NET_ERROR_ON_WRITE, ER_NET_WRITE_INTERRUPTED,
     ER_NEW_ABORTING_CONNECTION, ER_CONNECTION_KILLED, ER_USER_IS_BLOCKED});
constexpr auto kRowRefused = std::to_array<unsigned>(
    {ER_BAD_NULL_ERROR, ER_WARN_DATA_OUT_OF_RANGE, kDataTruncated, ER_TRUNCATED_WRONG_VALUE,
     ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ER_DATA_TOO_LONG, ER_ROW_IS_REFERENCED_2, ER_NO_REFERENCED_ROW_2,
     ER_SIGNAL_EXCEPTION, ER_CONSTRAINT_FAILED});
// The first six come from the server's file layer, for temporary files, and have no names.
constexpr auto kNoRoom = std::to_array<unsigned>(
    {3, 5, 20, 28, 41, 42, ER_DISK_FULL, ER_ERROR_ON_WRITE, ER_OUTOFMEMORY, ER_OUT_OF_SORTMEMORY,
     ER_OUT_OF_RESOURCES, ER_RECORD_FILE_FULL, ER_CANT_CREATE_THREAD, ER_TEMP_FILE_WRITE_FAILURE});

template <typename List>
bool contains(const List& list, unsigned error) {
  return std::find(list.begin(), list.end(), error) != list.end();
}

bool isFullDisk(std::string_view message) {
  return message.find("No space left") != std::string_view::npos ||
         message.find("Disk quota exceeded") != std::string_view::npos;
}

}  // namespace

ErrorClass classify(unsigned error, std::string_view message) {
  if (contains(kTransient, error)) return ErrorClass::Transient;
  if (error == ER_DUP_ENTRY) return ErrorClass::Duplicate;
  if (error == ER_NET_PACKET_TOO_LARGE) return ErrorClass::TooLarge;
  if (error == kIdsUsedUp || contains(kNoRoom, error)) return ErrorClass::NoRoom;
  // Its message has the system's error number.
  if (error == ER_GET_ERRNO && isFullDisk(message)) return ErrorClass::NoRoom;
  if (isClientError(error) || contains(kUnavailable, error)) return ErrorClass::Unavailable;
  return contains(kRowRefused, error) ? ErrorClass::RowRefused : ErrorClass::Other;
}

bool isTimeout(unsigned error) {
  return contains(kTimeouts, error);
}

bool isLockWait(unsigned error) {
  return error == ER_LOCK_WAIT_TIMEOUT;
}

bool isClientError(unsigned error) {
  return error >= kFirstClientError && error <= kLastClientError;
}

bool endsSession(unsigned error) {
  return isClientError(error) || contains(kSessionGone, error);
}

std::string adviceOn(unsigned error) {
  if (error == kIdsUsedUp) {
    return "the Ids of the table are used up: ALTER TABLE … AUTO_INCREMENT sets the counter back when rows "
           "were removed from its end, and BIGINT gives more";
  }
  if (error == ER_NET_PACKET_TOO_LARGE) return "raise max_allowed_packet on the server";
  if (error == ER_BINLOG_STMT_MODE_AND_ROW_ENGINE) {
    return "the server logs statements (binlog_format=STATEMENT), which InnoDB refuses under READ COMMITTED: "
           "set binlog_format=MIXED or ROW";
  }
  if (contains(kNoRoom, error)) return "the server has no room for it: disk, temporary space or memory";
  return "";
}

}  // namespace taskqueue::store
