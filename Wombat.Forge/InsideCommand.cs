namespace Wombat.Forge;

/// <summary>A command to run inside a container, without a shell.</summary>
/// <param name="User">The user id, which is also the group id, inside the container.</param>
/// <param name="Environment">The whole environment of the command.</param>
internal sealed record InsideCommand(IReadOnlyList<string> Arguments, int User, IReadOnlyDictionary<string, string> Environment)
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <param name="terminal">The value of TERM.</param>
    public static InsideCommand Of(IReadOnlyList<string> arguments, int user, string terminal, params (string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = SearchPath,
            ["HOME"] = user == 0 ? "/root" : "/",
            ["LANG"] = "C.UTF-8",
            ["TERM"] = terminal,
        };
        foreach (var (name, value) in more)
        {
            environment[name] = value;
        }

        return new InsideCommand(arguments, user, environment);
    }
}
