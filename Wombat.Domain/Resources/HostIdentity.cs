namespace Wombat.Domain.Resources;

/// <summary>A host: a machine and its data directory, to which resources of host-bound plugins belong.</summary>
/// <param name="Id">A stable id, stored in the data directory.</param>
/// <param name="Name">The display name. Not necessarily unique.</param>
public sealed record HostIdentity(Guid Id, string Name)
{
    public const int NameMax = 255;
}
