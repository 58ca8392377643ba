/// Proleptic Gregorian date and time of seconds since 1970. A guest may set any fields: arithmetic covers
/// them all (a year has at most five digits).
struct Calendar {
    let year, month, day, hour, minute, second, weekday: Int64

    init(seconds: Int64) {
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
        let sinceThursday = (days + 4) % 7
        weekday = sinceThursday < 0 ? sinceThursday + 7 : sinceThursday
        // Years that begin in March put the leap day last; eras of 400 years repeat exactly.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970 of a date whose fields may be out of range.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let isEarly = month < 3
        let y = isEarly ? year - 1 : year
        let m = isEarly ? month + 12 : month
        return day + (153 * m - 457) / 5 + 365 * y + y / 4 - y / 100 + y / 400 - 719_469
    }
}
