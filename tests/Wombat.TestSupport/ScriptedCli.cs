namespace Wombat.TestSupport;

/// <summary>Container CLIs made of a few lines of shell, to be as slow, broken or foreign as a test wants.</summary>
public static class ScriptedCli
{
    public static string Write(string folder, string name, string body)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, "#!/bin/bash\n" + body.ReplaceLineEndings("\n") + "\n");
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        return file;
    }

    /// <summary>Speaks only create --name N --template T, status --id and delete --id, with "ID: 321" lines, and keeps its containers as files.</summary>
    public static string Foreign(string folder) => Write(folder, "forge-ovh-cli", """
        state="$(dirname "$0")/foreign"; mkdir -p "$state"
        command="$1"; shift
        while [ $# -gt 0 ]; do case "$1" in
          --name) name="$2";; --template|--os) template="$2";; --id) id="$2";; *) echo "unknown option $1" >&2; exit 2;; esac; shift 2; done
        case "$command" in
        create)
          case "$template" in invalid) echo "no template $template" >&2; exit 2;; full) echo "no room" >&2; exit 5;; slow) exec sleep 30;; esac
          exec 9>"$state/.lock"; flock 9
          for f in "$state"/[0-9]*; do [ -f "$f" ] && [ "$(cat "$f")" = "$name" ] && { echo "ID: $(basename "$f")"; echo "Error: $name already exists" ; exit 4; }; done
          id=$((320 + $(ls "$state" | wc -l) + RANDOM % 1000 * 100)); echo "making $name" >&2; echo "$name" >"$state/$id"; echo "ID: $id";;
        status) [ -f "$state/$id" ] || { echo "container $id does not exist" >&2; exit 1; }; echo "ID: $id"; echo "Name: $(cat "$state/$id")"; echo "Status: running";;
        delete) [ -f "$state/$id" ] || { echo "container $id does not exist" >&2; exit 1; }; rm "$state/$id"; echo "deleted";;
        *) exit 2;; esac
        """);
}
