package rule

import "strings"

// nearest is the candidate that is fewest edits away from a name, and else the shortest whose words are those of the name and
// more, or fewer, as net_revenue for revenue; "" where none is near enough to be meant. Of equally near ones it is the first.
func nearest(name string, candidates []string) string {
	best, least := "", max(1, len([]rune(name))/3)+1
	for _, c := range candidates {
		if d := distance([]rune(name), []rune(c), least); d < least {
			best, least = c, d
		}
	}
	if best != "" {
		return best
	}
	for _, c := range candidates {
		if (standsIn(name, c) || standsIn(c, name)) && (best == "" || len(c) < len(best)) {
			best = c
		}
	}
	return best
}

// standsIn tells whether the words of a name, which underscores part, stand in another; a word of one or two letters says nothing.
func standsIn(name, other string) bool {
	return len(name) > 2 && strings.Contains("_"+other+"_", "_"+name+"_")
}

// distance counts the letters to add, drop, replace or swap with a neighbour that turn a into b; it may stop at limit.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := range a {
		before, last, row := rows[(i+2)%3], rows[i%3], rows[(i+1)%3]
		row[0] = i + 1
		for j := range b {
			replaced := last[j]
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(replaced, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
