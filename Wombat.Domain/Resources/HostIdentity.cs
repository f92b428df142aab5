namespace Wombat.Domain.Resources;

/// <summary>A data directory with the machine that it is on: where the resources of host-bound plugins live.</summary>
/// <param name="Id">Stable, kept in the data directory.</param>
/// <param name="Name">For people; need not be unique.</param>
public sealed record HostIdentity(Guid Id, string Name)
{
    public const int NameMax = 255;
}
