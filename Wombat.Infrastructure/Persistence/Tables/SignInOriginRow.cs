using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Wombat.Infrastructure.Persistence.Tables;

/// <summary>The hash of an address or device from which an account has signed in.</summary>
[Table("sign_in_origins")]
internal sealed class SignInOriginRow
{
    [Key]
    public required byte[] Subject { get; init; }

    public DateTimeOffset LastAt { get; init; }
}
