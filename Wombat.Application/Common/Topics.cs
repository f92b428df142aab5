namespace Wombat.Application.Common;

/// <summary>The topics. The names are short because they are sent as NOTIFY payloads.</summary>
public static class Topics
{
    /// <summary>A job can be claimed.</summary>
    public const string Jobs = "jobs";

    /// <summary>The cancellation of a running job was requested.</summary>
    public const string Cancel = "cancel";

    /// <summary>A job was created, began, waits again or ended.</summary>
    public const string JobStates = "states";

    /// <summary>Events were committed and have no positions yet.</summary>
    public const string Events = "events";

    /// <summary>Permissions changed.</summary>
    public const string Access = "access";

    /// <summary>Events got their positions.</summary>
    public const string Positions = "positions";

    /// <summary>A container with published ports changed.</summary>
    public const string Ports = "ports";

    /// <summary>Somebody saved a schedule of a command.</summary>
    public const string Schedules = "schedules";

    /// <summary>A job's log grew or the job ended.</summary>
    public static string Log(Guid jobId) => "log:" + jobId.ToString("N");
}
