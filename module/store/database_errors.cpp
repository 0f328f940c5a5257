#include "module/store/database_errors.h"

#include <algorithm>
#include <array>

namespace taskqueue::store {
namespace {

// INSERT … SELECT reports 1467 when its wait for the counter of Ids ends in a deadlock.
constexpr std::array kTransient{1213U, 1205U, 1020U, 1317U, 1467U, 1969U};
constexpr std::array kTimeouts{1317U, 1969U};
constexpr std::array kUnavailable{1040U, 1044U, 1045U, 1047U, 1049U, 1053U, 1077U, 1079U, 1080U, 1129U, 1130U,
                                  1158U, 1159U, 1160U, 1161U, 1184U, 1203U, 1226U, 1290U, 1836U, 1927U};
constexpr std::array kSessionGone{1053U, 1077U, 1079U, 1080U, 1153U, 1158U,
                                  1159U, 1160U, 1161U, 1184U, 1927U, 4150U};
constexpr std::array kRowRefused{1048U, 1264U, 1265U, 1292U, 1366U, 1406U, 1451U, 1452U, 1644U, 4025U};
// 3, 5, 20, 28, 41 and 42 come from the server's file layer: temporary files.
constexpr std::array kNoRoom{3U,    5U,    20U,   28U,   41U,   42U,   1021U,
                             1026U, 1037U, 1038U, 1041U, 1114U, 1135U, 1878U};
constexpr unsigned kStorageEngine = 1030;  // its message has the system's error number
constexpr unsigned kIdsUsedUp = 167;
constexpr unsigned kPacketTooLarge = 1153;
constexpr unsigned kDuplicateKey = 1062;
constexpr unsigned kLockWait = 1205;
constexpr unsigned kStatementBinlog = 1665;
constexpr unsigned kFirstClientError = 2000;
constexpr unsigned kLastClientError = 2999;

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
  if (error == kDuplicateKey) return ErrorClass::Duplicate;
  if (error == kPacketTooLarge) return ErrorClass::TooLarge;
  if (error == kIdsUsedUp || contains(kNoRoom, error)) return ErrorClass::NoRoom;
  if (error == kStorageEngine && isFullDisk(message)) return ErrorClass::NoRoom;
  if (isClientError(error) || contains(kUnavailable, error)) return ErrorClass::Unavailable;
  return contains(kRowRefused, error) ? ErrorClass::RowRefused : ErrorClass::Other;
}

bool isTimeout(unsigned error) {
  return contains(kTimeouts, error);
}

bool isLockWait(unsigned error) {
  return error == kLockWait;
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
  if (error == kPacketTooLarge) return "raise max_allowed_packet on the server";
  if (error == kStatementBinlog) {
    return "the server logs statements (binlog_format=STATEMENT), which InnoDB refuses under READ COMMITTED: "
           "set binlog_format=MIXED or ROW";
  }
  if (contains(kNoRoom, error)) return "the server has no room for it: disk, temporary space or memory";
  return "";
}

}  // namespace taskqueue::store
