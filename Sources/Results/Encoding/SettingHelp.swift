/// What a key takes, carried by the error of a value that it does not take.
struct SettingHelp: Error {
  let text: String
}
