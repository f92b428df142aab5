namespace Wombat.Infrastructure.Commands;

/// <summary>What git is told to do with a repository, by scripts of sh.</summary>
internal static class GitScripts
{
    public const int ExitNoGit = 90;
    public const int ExitTooLarge = 91;
    public const int ExitNoDirectory = 92;

    /// <summary>The folder in the home directory that gets the checkout.</summary>
    public const string Folder = "repository";

    // Each file and each directory occupies whole blocks, an empty one and one of a few bytes too.
    private const int BlockBytes = 4096;

    // git does not pass variables with its settings on to the process that reads a repository of this machine; a file reaches it. Objects
    // are always stored as one pack, so that the limit of the size of a file limits them together. A template could contain hooks.
    private static readonly string Configure = $$"""
        command -v git >/dev/null || exit {{ExitNoGit}}
        export GIT_CONFIG_GLOBAL="$HOME/.wombat-git"
        trap 'rm -f "$GIT_CONFIG_GLOBAL" "$HOME/.wombat-tree"' EXIT
        cat >"$GIT_CONFIG_GLOBAL" <<'END' || exit 125
        [core]
            hooksPath = /dev/null
            fsmonitor = false
        [init]
            defaultBranch = main
            templateDir =
        [protocol "ext"]
            allow = never
        [transfer]
            fsckObjects = true
        [fetch]
            unpackLimit = 1
        [gc]
            auto = 0
        [safe]
            directory = *
        [http]
            lowSpeedLimit = 1000
            lowSpeedTime = 30
        END
        """;

    /// <summary>Prints the references of a repository: its address, then the names of references.</summary>
    public static readonly string List = $$"""
        {{Configure}}
        git ls-remote -q -- "$@"
        """;

    /// <summary>
    /// Makes the checkout of a commit and prints its working directory: the address, the commit, the most MiB, and the directory in it.
    /// </summary>
    public static readonly string CheckOut = $$"""
        {{Configure}}
        git init -q {{Folder}} && cd {{Folder}} || exit 125
        git fetch -q --depth=1 --no-tags --no-recurse-submodules -- "$1" "$2" || exit
        unset GIT_CONFIG_COUNT GIT_CONFIG_VALUE_0
        git ls-tree -r -t -l FETCH_HEAD >"$HOME/.wombat-tree" || exit 125
        n=$(awk '{ n += int($4 / {{BlockBytes}}) + 1 } END { printf "%d", n * {{BlockBytes}} / 1048576 }' "$HOME/.wombat-tree") || exit 125
        [ "$n" -lt "$3" ] || exit {{ExitTooLarge}}
        git checkout -q --detach FETCH_HEAD || exit {{ExitTooLarge}}
        root=$(pwd -P)
        cd -- "./$4" 2>/dev/null || exit {{ExitNoDirectory}}
        case "$(pwd -P)/" in "$root"/*) pwd -P;; *) exit {{ExitNoDirectory}};; esac
        """;
}
