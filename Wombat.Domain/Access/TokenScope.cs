namespace Wombat.Domain.Access;

/// <summary>What a token allows: read; operate (start, stop, restart, cancel, retry); manage (create, change, delete). Each includes the ones before it.</summary>
public enum TokenScope
{
    /// <summary>Read.</summary>
    Read,

    /// <summary>Start, stop, restart, cancel and retry.</summary>
    Operate,

    /// <summary>Create, change and delete.</summary>
    Manage,
}
