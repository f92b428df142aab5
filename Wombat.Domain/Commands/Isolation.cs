namespace Wombat.Domain.Commands;

/// <summary>How the processes of a run are kept together.</summary>
public enum Isolation
{
    /// <summary>In a process namespace: when its first process has ended, the kernel has ended all others.</summary>
    Namespace,

    /// <summary>In a process group, which a process can leave.</summary>
    Group,

    /// <summary>In a session on a host; its processes carry the id of the run in their environment.</summary>
    Session,
}
