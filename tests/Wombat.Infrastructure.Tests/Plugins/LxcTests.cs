using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins;

/// <summary>What only forge's containers of this machine do.</summary>
public sealed class LxcTests
{
    [TestCase(0, "health")]
    [TestCase(2, "create", "--name", "w", "--template", "busybox")]
    public async Task FolderThatLxcCannotHave_IsNamedInWords(int exitCode, params string[] arguments)
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "with blanks");
        var result = await ChildProcess.RunAsync(
            new ChildCommand(WombatProcess.Forge(), arguments, TimeSpan.FromSeconds(30)) { Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = data } }, CancellationToken.None);
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), result.ErrorTail);
        Assert.That(result.Output + result.ErrorTail, Does.Contain("WOMBAT_DATA_DIR").And.Contain(data));
    }

    [TestCase(0, "health")]
    [TestCase(6, "create", "--name", "w", "--template", "busybox")]
    public async Task WithoutRoot_ItSaysSo(int exitCode, params string[] arguments)
    {
        using var folder = new TestFolder();
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        var (program, all) = Environment.UserName == "root"
            ? ("/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search", "--", WombatProcess.Forge(), .. arguments])
            : (WombatProcess.Forge(), arguments);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["WOMBAT_DATA_DIR"] = Path.Combine(folder.Path, "data"), ["HOME"] = folder.Path };
        var result = await ChildProcess.RunAsync(new ChildCommand(program, all, TimeSpan.FromSeconds(30)) { Environment = environment }, CancellationToken.None);
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), result.ErrorTail);
        Assert.That(result.Output + result.ErrorTail, Does.Contain("need root"));
    }
}
