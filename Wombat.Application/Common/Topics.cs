namespace Wombat.Application.Common;

/// <summary>The topics. Short words: they travel as NOTIFY payloads.</summary>
public static class Topics
{
    /// <summary>A job can be claimed.</summary>
    public const string Jobs = "jobs";

    /// <summary>A running job is to be cancelled.</summary>
    public const string Cancel = "cancel";

    /// <summary>Events were committed and wait for their positions.</summary>
    public const string Events = "events";

    /// <summary>Someone's rights changed.</summary>
    public const string Access = "access";

    /// <summary>Positions were given.</summary>
    public const string Positions = "positions";

    /// <summary>A job's log grew or the job ended.</summary>
    public static string Log(Guid jobId) => "log:" + jobId.ToString("N");
}
