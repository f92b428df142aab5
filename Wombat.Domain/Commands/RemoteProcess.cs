namespace Wombat.Domain.Commands;

/// <summary>The program of a run on a host, so that another connection can find it.</summary>
public sealed record RemoteProcess
{
    /// <summary>Its process id, which is also that of its session.</summary>
    public int Pid { get; init; }

    /// <summary>Its start, in clock ticks since the machine started.</summary>
    public long StartedTicks { get; init; }

    /// <summary>Identifies the start of the machine: after another one the process id means nothing.</summary>
    public string BootId { get; init; } = "";

    /// <summary>The random word in the environment of the program and its descendants.</summary>
    public string Attempt { get; init; } = "";
}
