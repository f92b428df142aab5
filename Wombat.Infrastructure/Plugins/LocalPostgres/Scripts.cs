namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>The scripts that a server calls to archive and to restore a WAL segment. Their arguments need no quoting.</summary>
internal static class Scripts
{
    // A segment appears in the archive whole and on disk, and is never replaced by a different one. The file .last names the newest.
    private const string Archive = """
        # usage: archive.sh PATH NAME FOLDER
        set -eu
        [ -s "$1" ] || { echo "$2 is empty" >&2; exit 1; }
        if [ -e "$3/$2" ]; then
          cmp -s "$1" "$3/$2" || { echo "the archive has a different $2" >&2; exit 1; }
        else
          cp --sparse=always "$1" "$3/.$2.tmp"
          sync "$3/.$2.tmp"
          ln "$3/.$2.tmp" "$3/$2"
          rm "$3/.$2.tmp"
        fi
        case "$2" in
        *.*) ;;
        *)
          segment=$(printf %s "$2" | cut -c 9-24)
          last=$(cat "$3/.last" 2>/dev/null || true)
          if [ -z "$last" ] || [ "$segment" \> "$last" ]; then
            printf %s "$segment" >"$3/.last.tmp"
            sync "$3/.last.tmp"
            mv "$3/.last.tmp" "$3/.last"
          fi
          ;;
        esac
        sync "$3"

        """;

    // Exit code 1 says that the archive ends here. A gap in the archive, also at its end, is an error (200), at which PostgreSQL stops:
    // otherwise it would open the database without the rows behind the gap.
    private const string Restore = """
        # usage: restore.sh NAME PATH FOLDER
        set -eu
        if [ -f "$3/$1" ]; then cp "$3/$1" "$2"; exit 0; fi
        case "$1" in *.history) exit 1 ;; esac
        segment=$(printf %s "$1" | cut -c 9-24)
        last=$({ ls "$3" | grep -E '^[0-9A-F]{24}$' | cut -c 9-24; cat "$3/.last" 2>/dev/null || true; echo; } | sort | tail -n 1)
        for file in "$3"/????????"$segment"; do [ ! -f "$file" ] || exit 1; done
        if [ -z "$last" ] || [ "$segment" \> "$last" ]; then exit 1; fi
        echo "the WAL segment $1 is missing in the archive" >&2
        exit 200

        """;

    public static void Write(InstanceFolder folder)
    {
        WriteOne(folder.ArchiveScript, Archive);
        WriteOne(folder.RestoreScript, Restore);
    }

    private static void WriteOne(string path, string content)
    {
        if (File.Exists(path) && File.ReadAllText(path) == content)
        {
            return;
        }

        var draft = path + ".new";
        File.WriteAllText(draft, content);
        File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.Move(draft, path, overwrite: true);
    }
}
