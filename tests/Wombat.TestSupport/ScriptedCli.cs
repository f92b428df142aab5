namespace Wombat.TestSupport;

/// <summary>Container CLIs as shell scripts.</summary>
public static class ScriptedCli
{
    /// <summary>The template selects the behavior; containers are files in "made" beside the script; the log is standard error.</summary>
    public const string Fickle = """
        state="$(dirname "$0")/made"; mkdir -p "$state"
        command="$1"; shift
        while [ $# -gt 0 ]; do case "$1" in --name) name="$2";; --template) template="$2";; --id) id="$2";; esac; shift 2; done
        done_() { touch "$state/$name"; echo "{\"id\":\"$name\",\"name\":\"$name\",\"status\":\"running\"}"; }
        tries="$state/.$name.tries"
        case "$command" in
        status) [ -f "$state/.$id.dead" ] && { echo "the node is no more" >&2; exit 1; }; [ -f "$state/.$id.slow" ] && sleep 300
            [ -f "$state/.$id.mute" ] && { echo "???"; exit 0; }; [ -f "$state/$id" ] || { echo "no such container" >&2; exit 3; }
            echo "{\"id\":\"$id\",\"status\":\"running\"}";;
        delete) [ -f "$state/.$id.dead" ] && { echo "the node is no more" >&2; exit 1; }
            [ -f "$state/$id" ] || { echo "no such container" >&2; exit 3; }; rm -f "$state/$id"; echo '{"status":"deleted"}';;
        create)
          [ -f "$state/$name" ] && { done_; exit 0; }
          echo x >>"$tries"
          case "$template" in
          quick) done_;;
          tells) touch "$state/$name" "$state/.$name.slow"; echo "ID: $name";;
          lines) for i in $(seq 1 40); do echo "line $i" >&2; sleep 0.05; done; done_;;
          flood) seq -f 'line %.0f of a flood that is as long as log lines of build tools usually are, some hundred characters' 1 200000 >&2
              done_;;
          hang) sleep 300 & echo $! >"$state/.$name.child"; echo "waiting" >&2; wait;;
          huge) head -c 52428800 /dev/zero | tr '\0' 'x';;
          half) touch "$state/.$name.half"; [ "$(wc -l <"$tries")" -ge 3 ] && { done_; exit 0; }; printf '{"id":"%s","sta' "$name";;
          flaky) [ "$(wc -l <"$tries")" -le 2 ] && { echo "the node is busy" >&2; exit 7; }; done_;;
          full) echo "no room for $name" >&2; exit 5;;
          conflict) echo "somebody else's" >&2; exit 4;;
          garbled) printf 'no\000 room \033[31mat all\033[0m \377\n' >&2; exit 1;;
          longid) printf '{"id":"%s","status":"running"}' "$(head -c 5000 /dev/zero | tr '\0' 9)";;
          option) echo '{"id":"--all","status":"running"}';;
          nulid) echo '{"id":"a\u0000b","status":"running"}';;
          halfpair) echo '{"id":"\ud800","status":"running"}';;
          twice) touch "$state/$name"; echo "{\"id\":1,\"id\":\"$name\",\"status\":\"running\"}";;
          oddaddress) touch "$state/$name"; echo "{\"id\":\"$name\",\"status\":\"running\",\"ip\":\"<b>\\u0000\"}";;
          secretive) echo "token" >&2; exit 6;;
          *) exit 2;;
          esac;;
        *) exit 2;;
        esac
        """;

    /// <summary>
    /// Speaks forge's dialect; containers are files in "made" beside the script that hold what the list tells of them. While ".slow" is
    /// there, a create does not end; while ".away" is there, lists fail and are counted in ".tries".
    /// </summary>
    public const string Marked = """
        state="$(dirname "$0")/made"; mkdir -p "$state"
        command="$1"; shift
        while [ $# -gt 0 ]; do case "$1" in --name) name="$2";; --template) template="$2";; --key) key="$2";; --id) id="$2";;
            --network) network="$2";; --hostname) hostname="$2";; --memory) memory="$2";; esac; shift; shift; done
        save() { cat >"$state/.$id.new"; mv "$state/.$id.new" "$state/$id"; }
        own() { [ -f "$state/$id" ] && grep -q "\"key\":\"$key\"" "$state/$id" || { echo "there is no $id" >&2; exit 3; }; }
        become() { own; sed "s/\"status\":\"[a-z]*\"/\"status\":\"$1\"/" "$state/$id" | save; cat "$state/$id"; }
        case "$command" in
        create) id="$name"
            printf '{"id":"%s","name":"%s","key":"%s","template":"%s","status":"running","network":"%s","hostname":"%s","memory":%s}' \
                "$id" "$name" "$key" "$template" "$network" "$hostname" "${memory:-null}" | save
            while [ -f "$state/.slow" ]; do sleep 0.05; done; cat "$state/$id";;
        list) [ -f "$state/.away" ] && { echo x >>"$state/.tries"; echo "the machine is away" >&2; exit 7; }
            separator="["; for file in "$state"/*; do [ -f "$file" ] && { printf '%s' "$separator"; cat "$file"; separator=,; }; done
            [ "$separator" = "[" ] && echo "["; echo "]";;
        status) own; cat "$state/$id";;
        start | restart) become running;;
        stop) become stopped;;
        keys) own; cat "$state/$id";;
        delete) own; [ -f "$state/.stuck" ] && { echo "$id is in use" >&2; exit 4; }; rm "$state/$id"; echo '{"status":"deleted"}';;
        templates) echo "[]";;
        health) echo '{"healthy":true,"message":"fine"}';;
        *) exit 2;;
        esac
        """;

    public static string Write(string folder, string name, string body)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, "#!/bin/bash\n" + body.ReplaceLineEndings("\n") + "\n");
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        return file;
    }

    /// <summary>
    /// Supports create --name N --template T, status --id and delete --id, with "ID: 321" lines; containers are files.
    /// </summary>
    public static string Foreign(string folder) =>
        Write(
            folder,
            "forge-ovh-cli",
            """
            state="$(dirname "$0")/foreign"; mkdir -p "$state"
            command="$1"; shift
            while [ $# -gt 0 ]; do case "$1" in
              --name) name="$2";; --template|--os) template="$2";; --id) id="$2";; *) echo "unknown option $1" >&2; exit 2;; esac; shift 2
                  done
            case "$command" in
            create)
              case "$template" in invalid) echo "no template $template" >&2; exit 2;; full) echo "no room" >&2
                  exit 5;; slow) exec sleep 30;; esac
              exec 9>"$state/.lock"; flock 9
              for f in "$state"/[0-9]*; do [ -f "$f" ] && [ "$(cat "$f")" = "$name" ] && { echo "ID: $(basename "$f")"
                  echo "Error: $name already exists" ; exit 4; }; done
              id=$((320 + $(ls "$state" | wc -l) + RANDOM % 1000 * 100)); echo "making $name" >&2; echo "$name" >"$state/$id"
                  echo "ID: $id";;
            status) [ -f "$state/$id" ] || { echo "container $id does not exist" >&2; exit 1; }; echo "ID: $id"
                echo "Name: $(cat "$state/$id")"; echo "Status: running";;
            delete) [ -f "$state/$id" ] || { echo "container $id does not exist" >&2; exit 1; }; rm "$state/$id"; echo "deleted";;
            *) exit 2;; esac
            """
        );
}
