using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Wombat.Infrastructure.Persistence.Tables;

/// <summary>A key of ASP.NET Core DataProtection, encrypted.</summary>
[Table("data_protection_keys")]
internal sealed class DataProtectionKeyRow
{
    [Key, MaxLength(255)]
    public required string Name { get; init; }

    public required byte[] Xml { get; init; }
}
