using System.Globalization;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>Runs commands inside containers by lxc-attach.</summary>
internal static class LxcAttach
{
    /// <summary>
    /// lxc-attach passes on its open files and, without --clear-env, its environment; see <see cref="Inside.InheritedFiles"/>. Its own
    /// messages are switched off, because they would mix with those of the command.
    /// </summary>
    /// <param name="folder">The folder of the container.</param>
    public static ChildCommand Command(string path, string name, string folder, InsideCommand inside) =>
        new(
            LxcTools.Find("lxc-attach"),
            [
                "-P",
                path,
                "-n",
                name,
                "--quiet",
                "--clear-env",
                .. inside.Environment.SelectMany(v => new[] { "-v", $"{v.Key}={v.Value}" }),
                .. inside.User == 0 ? [] : As(inside.User.ToString(CultureInfo.InvariantCulture)),
                "--",
                .. LxcEnvironment.Wrap(folder, inside.Arguments),
            ],
            Timeout.InfiniteTimeSpan
        )
        {
            WorkingDirectory = "/",
        };

    private static string[] As(string id) => ["-u", id, "-g", id];
}
