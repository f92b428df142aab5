using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>The command line of forge: usage errors exit with 2, print nothing on standard output and name the argument.</summary>
public sealed class CommandLineTests
{
    [TestCase("", "command")]
    [TestCase("statu", "status")]
    [TestCase("list extra", "extra")]
    [TestCase("create --template busybox", "--name")]
    [TestCase("create --nme a --name a --template busybox", "--nme")]
    [TestCase("create --name a --name b --template busybox", "--name")]
    [TestCase("create --name a --template busybox --cpu 0", "--cpu: must be a whole number from 1 to 1024")]
    [TestCase("create --name a --template busybox --cpu", "--cpu")]
    [TestCase("create --name a --template busybox --ssh-key-file /none", "--ssh-key-file: cannot be read")]
    [TestCase("status --id ../a", "--id: '../a' is not of the form")]
    [TestCase("status --id a --key @/etc/hostname", "--key: '@/etc/hostname' is not of the form")]
    public async Task Run_WhenUsageIsWrong_NamesTheArgument(string arguments, string says)
    {
        var result = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.That((result.ExitCode, result.Output), Is.EqualTo((2, "")), result.ErrorTail);
        Assert.That(result.ErrorTail, Does.Contain(says));
    }

    [TestCase("create", "--ssh-key-file")]
    [TestCase("keys", "--id")]
    public async Task Help_OfACommand_ListsItsOptions(string command, string option)
    {
        var result = await RunAsync(command, "--help");
        Assert.That(result.ExitCode, Is.Zero, result.ErrorTail);
        Assert.That(result.Output, Does.Contain($"forge {command}").And.Contain(option));
    }

    [Test]
    public async Task Version_WhenPrinted_IsThatOfWombat() =>
        Assert.That((await RunAsync("--version")).Output, Does.Match(@"^\d+\.\d+\.\d+"));

    private static Task<ChildResult> RunAsync(params string[] arguments) =>
        ChildProcess.RunAsync(new ChildCommand(WombatProcess.Forge(), arguments, TimeSpan.FromSeconds(30)), CancellationToken.None);
}
