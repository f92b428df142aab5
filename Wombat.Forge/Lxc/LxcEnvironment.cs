using System.Text;
using System.Text.Json.Nodes;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>
/// The environment variables of a container, in the form that each program needs which starts others in it. A value has no control
/// characters.
/// </summary>
internal static class LxcEnvironment
{
    private const string StoredName = "environment.json";

    // Sourced by the shell that runs a command or console.
    private const string ShellFile = "etc/wombat-environment";

    // Values are not passed as arguments of lxc-attach, which all accounts of this machine see, nor in its own environment, where
    // LD_PRELOAD would load a library of the container.
    private const string Script = $"[ ! -r /{ShellFile} ] || . /{ShellFile}; exec \"$@\"";

    /// <summary>The variables of a container.</summary>
    /// <param name="folder">The folder of the container.</param>
    public static IReadOnlyDictionary<string, string> Read(string folder)
    {
        var file = Path.Combine(folder, StoredName);
        return File.Exists(file)
            ? JsonNode
                .Parse(File.ReadAllText(file))!
                .AsObject()
                .ToDictionary(v => v.Key, v => v.Value!.GetValue<string>(), StringComparer.Ordinal)
            : [];
    }

    /// <summary>Stores them for later rebuilds, where only root of this machine reads them.</summary>
    public static void Write(string folder, IReadOnlyDictionary<string, string> variables)
    {
        if (variables.Count > 0)
        {
            var json = new JsonObject(variables.Select(v => KeyValuePair.Create<string, JsonNode?>(v.Key, JsonValue.Create(v.Value))));
            PrivateFiles.Write(Path.Combine(folder, StoredName), json.ToJsonString());
        }
    }

    /// <summary>The command with which a shell in the container sets its variables first; the same command if it has none.</summary>
    /// <param name="folder">The folder of the container.</param>
    public static IReadOnlyList<string> Wrap(string folder, IReadOnlyList<string> command) =>
        File.Exists(Path.Combine(folder, StoredName)) ? ["/bin/sh", "-c", Script, "sh", .. command] : command;

    /// <summary>The files inside the container, for the programs that it has.</summary>
    /// <param name="hasFolder">Whether its root file system has a folder.</param>
    public static IEnumerable<(string Path, string Content)> FilesOf(
        IReadOnlyDictionary<string, string> variables,
        Predicate<string> hasFolder
    )
    {
        if (variables.Count == 0)
        {
            yield break;
        }

        yield return (ShellFile, string.Concat(variables.Select(v => $"export {v.Key}={QuoteForShell(v.Value)}\n")));
        if (hasFolder("etc/systemd"))
        {
            yield return ("etc/systemd/system.conf.d/wombat.conf", $"[Manager]\nDefaultEnvironment={Quoted(variables, QuoteForSystemd)}\n");
        }

        if (hasFolder("etc/ssh"))
        {
            yield return ("etc/ssh/sshd_config.d/wombat.conf", $"SetEnv {Quoted(variables, QuoteForSshd)}\n");
        }
    }

    /// <summary>The lines of lxc's configuration, for init and what it starts.</summary>
    public static IEnumerable<string> ConfigOf(IReadOnlyDictionary<string, string> variables) =>
        variables.Select(v => $"lxc.environment = {v.Key}={v.Value}");

    private static string Quoted(IReadOnlyDictionary<string, string> variables, Func<string, string> quote) =>
        string.Join(' ', variables.Select(v => quote($"{v.Key}={v.Value}")));

    private static string QuoteForShell(string value) => $"'{value.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static string QuoteForSshd(string text) => $"\"{Escaped(text, @"\""")}\"";

    // A % begins a specifier.
    private static string QuoteForSystemd(string text) => $"\"{Escaped(text, @"\""").Replace("%", "%%", StringComparison.Ordinal)}\"";

    private static string Escaped(string text, string special)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
        {
            if (special.Contains(c, StringComparison.Ordinal))
            {
                escaped.Append('\\');
            }

            escaped.Append(c);
        }

        return escaped.ToString();
    }
}
