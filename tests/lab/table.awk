# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# Measured faults (guest|fault|seen ms|outage ms|after mending ms|alone ms|done) to a table: how often,
# and each figure as least to most in seconds. prefix: in front of each line. markdown=1: for people
# who read the README.
BEGIN { FS = "|" }

function note(column, value, key) {
    if (value == "unplayed") unplayed[id] = 1
    if (value == "-" || value == "" || value == "unplayed") return
    value += 0
    key = id SUBSEP column
    if (!(key in least) || value < least[key]) least[key] = value
    if (!(key in most) || value > most[key]) most[key] = value
    known[key]++
}

function span(name, column, key) {
    key = name SUBSEP column
    if (!(key in least)) return column != 6 || unplayed[name] ? "-" : "never"
    text = sprintf("%.1f", least[key] / 1000)
    if (sprintf("%.1f", most[key] / 1000) != text) text = text sprintf(" to %.1f", most[key] / 1000)
    return known[key] < count[name] ? text sprintf(" (%d of %d)", known[key], count[name]) : text
}

{
    id = $1 SUBSEP $2
    if (!count[id]++) { order[++ids] = id; guest[id] = $1; fault[id] = $2 }
    for (i = 3; i <= 6; i++) note(i, $i)
    done[id] = $7
}

END {
    if (markdown) {
        print "| fault | guest | n | seen after s | back after s | back after mending s | the kernel alone s | what was done |"
        print "|---|---|---|---|---|---|---|---|"
        row = "| %s | %s | %d | %s | %s | %s | %s | %s |\n"
        for (i = 1; i <= ids; i++) {
            id = order[i]
            printf row, fault[id], guest[id], count[id], span(id, 3), span(id, 4), span(id, 5), span(id, 6), done[id]
        }
        exit
    }
    row = prefix "%-46s %3s %14s %14s %14s %14s\n"
    printf row, "fault", "n", "seen s", "back s", "mended s", "alone s"
    for (i = 1; i <= ids; i++) {
        id = order[i]
        printf row, substr(fault[id], 1, 46), count[id], span(id, 3), span(id, 4), span(id, 5), span(id, 6)
    }
}
