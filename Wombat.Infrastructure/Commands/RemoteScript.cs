using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Wombat.Application.Commands;
using Wombat.Domain.Commands;

namespace Wombat.Infrastructure.Commands;

/// <summary>
/// The shell scripts that hosts of SSH execute. They cross the connection on standard input: what the account's shell reads is one fixed
/// command, whatever shell that is, and no argument, variable or secret is on a command line that others can see.
/// </summary>
internal static class RemoteScript
{
    // Finds the processes of a run: those of the program's session, those that carry its attempt in their environment, and their children.
    // A process of the same account that has left all three cannot be attributed: it is reported as a stranger and left alone. Those of
    // other accounts, as under sudo, are found by their session and cannot be ended. A name may hold any text, also line ends. Reads
    // attempt, pid, since (ticks) and WOMBAT_GRACE (seconds). Uses what busybox has. Without /proc only the program's group is known.
    private const string Functions = """
        report() { printf '%s %s\n' "$WOMBAT_MARK" "$*" >&3; }
        status() {
          line=; while read -r part || [ -n "$part" ]; do line="$line $part"; done <"/proc/$1/stat" || return
          set -- ${line##*) } && [ "${1:-Z}" != Z ] && parent=$2 group=$3 session=$4 start=${20}
        } 2>/dev/null
        find_group() {
          found=" " strangers=
          if kill -0 "-$pid"; then found=" -$pid "; elif kill -0 "$pid"; then found=" $pid "; fi
        } 2>/dev/null
        find_processes() {
          [ -r "/proc/$$/stat" ] || { find_group; return; }
          user=$(id -u) own=" " p=$$
          while [ "$p" -gt 1 ] && status "$p"; do own="$own$p "; p=$parent; done
          found=" " before= strangers= tree=
          for folder in /proc/[0-9]*; do
            p=${folder#/proc/}
            case $own in *" $p "*) continue;; esac
            status "$p" && [ "$start" -ge "$since" ] || continue
            tree="$tree$p:$parent "
            if [ "$p" = "$pid" ] || [ "$group" = "$pid" ] || [ "$session" = "$pid" ]; then found="$found$p "
            elif ! { [ -O "$folder" ] || [ "$user" = 0 ]; }; then :
            elif variables=$(tr '\0' '\n' <"$folder/environ"); then
              case "
        $variables
        " in
              *"
        WOMBAT_ATTEMPT=$attempt
        "*) found="$found$p ";;
              *"
        WOMBAT_ATTEMPT="*) ;;
              *) read -r name <"/proc/$parent/comm"; case $parent:$name in 1:*|*:systemd) strangers="$strangers $p";; esac;;
              esac
            else read -r name <"$folder/comm"; case $name in sshd*) ;; *) strangers="$strangers $p";; esac
            fi
          done 2>/dev/null
          while [ "$before" != "$found" ]; do
            before=$found
            for pair in $tree; do
              case $found in *" ${pair%:*} "*) ;; *" ${pair#*:} "*) found="$found${pair%:*} ";; esac
            done
          done
        }
        end_processes() {
          begin=$(date +%s) gone=0 asked= killed=
          while now=$(date +%s) && [ "$now" -le $((begin + WOMBAT_GRACE + 5)) ]; do
            find_processes
            if [ "$found" = " " ]; then
              gone=$((gone + 1)); [ "$gone" -lt "$1" ] || break
            elif [ "$now" -gt $((begin + WOMBAT_GRACE)) ]; then
              gone=0; kill -KILL $found 2>/dev/null; [ -n "$killed" ] || report signal SIGKILL; killed=1
            elif [ -z "$asked" ]; then
              gone=0; kill -TERM $found 2>/dev/null; report signal SIGTERM; asked=1
            fi
            sleep .2 2>/dev/null || sleep 1
          done
        }
        report_rest() {
          [ -r "/proc/$$/stat" ] || report blind
          for p in $found; do report left "$p"; done
          for p in $strangers; do name=$(cat "/proc/$p/comm" 2>/dev/null) && report stranger "$p" "$name"; done
        }

        """;

    // The first process keeps the connection and waits. The second one waits for the end of standard input, which is Wombat's wish that
    // the run ends, or the end of the connection. The program is the leader of a session of its own, and only it gets the variables; what
    // the script itself starts is marked as no part of a run.
    private const string Before = """
        WOMBAT_START='echo "$WOMBAT_MARK start $$ $(cut -d" " -f22 "/proc/$$/stat") $(cat /proc/sys/kernel/random/boot_id)" >&3
        exec 3>&- 4<&-; unset WOMBAT_MARK; exec "$@"'
        WOMBAT_SETSID=; command -v setsid >/dev/null && WOMBAT_SETSID=setsid
        WOMBAT_SINCE=$(status $$; echo "$start")
        (
        export WOMBAT_MARK

        """;

    private const string After = """
        exec $WOMBAT_SETSID sh -c "$WOMBAT_START" sh "$@"
        ) </dev/null &
        pid=$! since=$WOMBAT_SINCE
        export WOMBAT_ATTEMPT=-
        trap '' HUP TERM INT PIPE
        { while read -r line; do :; done; end_processes 2; } <&4 >/dev/null 2>&1 &
        watch=$!
        exec 4<&- </dev/null
        wait "$pid"; code=$?
        { kill -KILL "$watch"; wait "$watch"; } 2>/dev/null
        end_processes 1; report_rest
        report exit "$code"
        exit "$code"

        """;

    private const string End = """
        if [ "$(cat /proc/sys/kernel/random/boot_id)" = "$boot" ] || [ -z "$boot" ]; then
          if status "$pid" && [ "$start" != "$since" ]; then pid=-; fi
          end_processes 2; report_rest
        fi
        report done

        """;

    /// <summary>Letters that nothing on a host can guess.</summary>
    public static string NewMark() => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 24);

    /// <summary>
    /// The command of ssh, which executes the script on its standard input up to the line <paramref name="end"/>. A script that was cut
    /// lacks the closing brace, and nothing of it is executed.
    /// </summary>
    public static string Command(string end) =>
        $$"""sh -c 'eval "$(while IFS= read -r l;do case $l in {{end}})echo "}";break;;esac;printf "%s\n" "$l";done)"'""";

    /// <summary>A script that runs a program.</summary>
    /// <param name="mark">Begins each line that the script itself prints on standard error.</param>
    /// <param name="attempt">Marks the program and its descendants in their environment.</param>
    public static byte[] OfRun(RunCall call, string attempt, TimeSpan grace, string mark, string end)
    {
        var script = Head(attempt, mark, grace)
            .Append(Before)
            .Append("export WOMBAT_ATTEMPT=\"$attempt\" WOMBAT_RUN_ID=")
            .Append(Quote(call.RunId.ToString()))
            .Append('\n');
        foreach (var (name, value) in call.Environment)
        {
            script.Append("export ").Append(name).Append('=').Append(Quote(value)).Append('\n');
        }

        script.Append("set --").AppendJoin("", call.Arguments.Select(a => $" {Quote(a)}")).Append('\n');
        return Encoding.UTF8.GetBytes(script.Append(After).Append(end).Append('\n').ToString());
    }

    /// <summary>A script that ends the processes of an attempt over another connection.</summary>
    /// <param name="process">Null if nothing is known about the program. Without its boot its id may be that of another one by now.</param>
    public static byte[] OfEnd(string attempt, RemoteProcess? process, TimeSpan grace, string mark, string end)
    {
        var script = Head(attempt, mark, grace)
            .Append(
                CultureInfo.InvariantCulture,
                $"pid='{(process is { BootId.Length: > 0 } ? process.Pid.ToString(CultureInfo.InvariantCulture) : "-")}' "
            )
            .Append(CultureInfo.InvariantCulture, $"since={process?.StartedTicks ?? 0} boot={Quote(process?.BootId ?? "")}\n");
        return Encoding.UTF8.GetBytes(script.Append(End).Append(end).Append('\n').ToString());
    }

    private static StringBuilder Head(string attempt, string mark, TimeSpan grace) =>
        new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{{\nexec 3>&2 4<&0\nWOMBAT_MARK={mark}\nWOMBAT_GRACE={(int)grace.TotalSeconds}\n")
            .Append(CultureInfo.InvariantCulture, $"attempt={attempt}\n")
            .Append(Functions);

    /// <summary>One word for a shell, whatever the text is. The text holds no NUL.</summary>
    internal static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
