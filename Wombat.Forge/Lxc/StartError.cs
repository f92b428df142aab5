namespace Wombat.Forge.Lxc;

/// <summary>Why a container did not start: the first error in lxc's log, whose other errors are consequences.</summary>
/// <param name="Component">The part of lxc that logged it, such as "network"; empty if lxc logged nothing.</param>
internal sealed record StartError(string Component, string Message)
{
    /// <summary>Whether the machine refused a limit: lxc's driver of cgroups logged the error.</summary>
    public bool IsOfLimits => Component == "cgfsng";

    public ForgeException ToException(string container) => new(ExitCode.Failed, $"cannot start {container}: {Message}");
}
