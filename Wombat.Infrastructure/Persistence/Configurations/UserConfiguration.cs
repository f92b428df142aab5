using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Users;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class UserConfiguration : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.ToTable(
            "users",
            t =>
            {
                t.HasCheckConstraint("ck_users_login", $"login ~ '{User.LoginPattern}'");
                t.HasCheckConstraint("ck_users_platform_role", "platform_role in ('none', 'admin')");
            }
        );
        builder.HasKey(u => u.Id).HasName("pk_users");
        builder.Property(u => u.Id).ValueGeneratedNever();
        builder.Property(u => u.Login).HasMaxLength(User.LoginMax);
        builder.Property(u => u.Email).HasMaxLength(User.EmailMax);
        builder.Property(u => u.FullName).HasMaxLength(User.FullNameMax);
        builder.Property(u => u.PasswordHash).HasMaxLength(255);
        builder.Property(u => u.Version).IsConcurrencyToken();
        builder.HasIndex(u => u.Login).IsUnique().HasDatabaseName("ux_users_login");
    }
}
